"""Two trees held side by side: what both have, what shipped, and where an entry belongs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from qcompat.machine.value import canonical
from qcompat.source.lint.controlled import controlled_in
from qcompat.source.tree.files import Place, shipped_of
from qcompat.source.tree.machines import Machine, Row, Table
from qcompat.source.tree.properties import Property
from qcompat.source.tree.reach import Reach
from qcompat.source.tree.tree import Tree

_DEVELOPMENT = 50
"""QEMU counts 10.0.50 after 10.0, and 10.0.90 for the first candidate of 10.1."""


class Pair:
    """`before` is what guests come from, `after` the tree that is linted."""

    def __init__(self, before: Tree, after: Tree, shipped: tuple[int, int] | None = None) -> None:
        self.before = before
        self.after = after
        self.shipped = shipped or shipped_of(before.files.version)

    @cached_property
    def machines(self) -> dict[str, tuple[Machine, Machine]]:
        """The machine types that both have and that have shipped, by name."""
        ours, theirs = self.before.machines.all, self.after.machines.all
        return {
            name: (ours[name], theirs[name])
            for name in ours
            if name in theirs and self._has_shipped(ours[name])
        }

    @cached_property
    def _is_developed(self) -> bool:
        """Whether the tree is on its way to a release, whose machine types may be missing yet."""
        numbers = self.after.files.version.split(".")
        return len(numbers) > 2 and int(numbers[2]) >= _DEVELOPMENT

    @cached_property
    def reach(self) -> Reach:
        return Reach(self.after)

    @cached_property
    def controlled(self) -> frozenset[str]:
        """What a property decides in the newer tree."""
        return controlled_in(self.after)

    def reached(self, type_: str) -> list[str]:
        """The shipped machine types that can have a device of that type."""
        if type_ not in self._reached:
            found = self.reach.machines(type_)
            self._reached[type_] = [each.name for each in found if each.name in self.machines]
        return self._reached[type_]

    @cached_property
    def _reached(self) -> dict[str, list[str]]:
        return {}

    def is_same(self, property_: str, machine: str) -> bool:
        """Whether both trees' tables say the same of a property under a machine type."""
        key = (property_, machine)
        if key not in self._same:
            sides = [
                [
                    (row.driver, row.value)
                    for row in self._rows(bool(is_after), one).get(property_, ())
                ]
                for is_after, one in enumerate(self.machines[machine])
            ]
            self._same[key] = sides[0] == sides[1]
        return self._same[key]

    @cached_property
    def _same(self) -> dict[tuple[str, str], bool]:
        return {}

    def value(self, is_after: bool, type_: str, each: Property, machine: str) -> str:
        """The effective value of a property under a machine type."""
        row = self.row(is_after, type_, each.name, machine)
        return default_of(each) if row is None else canonical(row.value, kind_of(each))

    def row(self, is_after: bool, type_: str, property_: str, machine: str) -> Row | None:
        """The entry that decides it: the last in order that is for an ancestor of the type."""
        tree = self.after if is_after else self.before
        one = self.machines[machine][is_after]
        found = None
        ancestors = tree.types.ancestors(type_)
        for row in self._rows(is_after, one).get(property_, ()):
            if row.driver in ancestors:
                found = row
        return found

    def has_row(self, is_after: bool, type_: str, property_: str) -> Row | None:
        """An entry of any release's table for a property of a type."""
        tree = self.after if is_after else self.before
        ancestors = tree.types.ancestors(type_)
        for row in self._by_property(is_after).get(property_, ()):
            if row.driver in ancestors:
                return row
        return None

    def table_of(self, row: Row) -> str:
        """The name of the table that an entry of the linted tree stands in."""
        for table in self.after.machines.tables:
            if row in table.rows:
                return spelled(table)
        return ""

    def table_for(self, machines: Iterable[str], types: Sequence[str]) -> tuple[str, Place | None]:
        """The table of the linted tree into which an entry for those machine types goes.

        It is one that the newest of them applies and the next newer machine type does not.
        The name is empty where no newer machine type exists: then no table can tell them apart.
        """
        families: dict[tuple[str, str, bool], list[Machine]] = {}
        for name in machines:
            one = self.machines[name][1]
            families.setdefault(_line(one), []).append(one)
        chosen: dict[str, Place | None] = {}
        for line, affected in families.items():
            for table, place in self._between(line, affected, types):
                chosen.setdefault(table, place)
                break
        names = list(chosen)
        common = [name for name in names if name.startswith("hw_compat")]
        existing = [name for name in common if chosen[name]]
        shown = existing or common or names
        return ", ".join(shown), chosen[shown[0]] if shown else None

    def _between(
        self, line: tuple[str, str, bool], affected: list[Machine], types: Sequence[str]
    ) -> list[tuple[str, Place | None]]:
        newest = min(affected, key=lambda each: (len(each.tables), _negated(each)))
        newer = [
            each
            for each in self.after.machines.all.values()
            if _line(each) == line and len(each.tables) <= len(newest.tables)
            and each.version > newest.version
        ]  # fmt: skip
        older = [each for each in affected if each != newest]
        if not newer and line[2] and older:
            return self._between(line, older, types)  # a distribution's newest is in the making
        if not newer:
            return self._new_table(newest) if self._is_developed else []
        nearest = min(newer, key=lambda each: each.version)
        tables = [each for each in newest.tables if each not in nearest.tables]
        tables.sort(key=lambda each: self._preference(each, types))
        if not tables:
            return self._new_table(newest)
        return [(spelled(each), each.place) for each in tables]

    def _new_table(self, newest: Machine) -> list[tuple[str, Place | None]]:
        """The table of the newest release that shipped, where it has none yet."""
        if newest.version[:2] != self.shipped:
            return []
        return [(f"hw_compat_{'_'.join(map(str, newest.version[:2]))} (new)", None)]

    def _preference(self, table: Table, types: Sequence[str]) -> tuple[bool, bool]:
        """A board's own table for what only its architecture has, else the one of all boards."""
        files = {
            self.after.types.all[each].place.file for each in types if each in self.after.types.all
        }
        owned = bool(files) and all(re.match(r"(?:hw|target)/i386/", each) for each in files)
        is_common = table.name.startswith("hw_compat")
        return (is_common if owned else not is_common), bool(table.function)

    def _has_shipped(self, machine: Machine) -> bool:
        if self.shipped is None or _line(machine)[2] or not machine.version:
            return True
        return machine.version[:2] <= self.shipped

    def _rows(self, is_after: bool, machine: Machine) -> dict[str, list[Row]]:
        key = (is_after, machine.name)
        if key not in self._indexed:
            found: dict[str, list[Row]] = {}
            for table in machine.tables:
                for row in table.rows:
                    found.setdefault(row.property, []).append(row)
            self._indexed[key] = found
        return self._indexed[key]

    @cached_property
    def _indexed(self) -> dict[tuple[bool, str], dict[str, list[Row]]]:
        return {}

    def _by_property(self, is_after: bool) -> dict[str, list[Row]]:
        if is_after not in self._all_rows:
            found: dict[str, list[Row]] = {}
            for table in (self.after if is_after else self.before).machines.tables:
                for row in table.rows if table.release else ():
                    found.setdefault(row.property, []).append(row)
            self._all_rows[is_after] = found
        return self._all_rows[is_after]

    @cached_property
    def _all_rows(self) -> dict[bool, dict[str, list[Row]]]:
        return {}


def default_of(each: Property) -> str:
    """The default in canonical form; what is no known constant stays as it is spelled."""
    if each.default is not None:
        return each.default
    return "<none>" if each.spelled is None else f"={each.spelled}"


def is_unknown(value: str) -> bool:
    return value.startswith("=")


def kind_of(each: Property) -> str:
    """The kind of a property as `machine.value` knows it."""
    if each.kind in ("BIT", "BIT64", "BOOL", "MIG_CAP"):
        return "bool"
    if re.match(r"U?INT|SIZE|UNSIGNED|SIGNED", each.kind):
        return "size" if each.kind.startswith("SIZE") else "int64"
    return ""


def spelled(table: Table) -> str:
    """A table's name; with its function where it is one machine type's own."""
    return f"{table.name} of {table.function}()" if table.function else table.name


def _line(machine: Machine) -> tuple[str, str, bool]:
    """Board, family, and whether it is of a distribution, which counts releases its own way."""
    suffix = machine.name.rpartition("-")[2]
    return machine.architecture, machine.family, bool(re.match(r"[a-z]", suffix))


def _negated(machine: Machine) -> tuple[int, ...]:
    return tuple(-each for each in machine.version)
