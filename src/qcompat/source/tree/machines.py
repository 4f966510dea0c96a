"""Versioned machine types of a tree, and the compat tables that each applies, in order.

A machine type's options function calls the next newer one's and then adds its own tables:

    static void pc_q35_machine_7_2_options(MachineClass *m)
    {
        pc_q35_machine_8_0_options(m);
        compat_props_add(m->compat_props, hw_compat_7_2, hw_compat_7_2_len);
    }
    DEFINE_Q35_MACHINE(7, 2);
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

import msgspec

from qcompat.source.c_text import split
from qcompat.source.facts import Entry, FileFacts, Function, Item, MachineUse
from qcompat.source.facts import Table as TableFacts
from qcompat.source.read.tables import entry_of
from qcompat.source.tree.files import Place
from qcompat.source.tree.names import Names

_LITERAL = re.compile(r'"([a-z][\w.-]*)"')
_CALL = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
_VERSION = re.compile(r"(\d+)[._](\d+)(?:[._](\d+))?")
_DEPTH = 60

Version = tuple[int, ...]


class Row(msgspec.Struct, frozen=True):
    """A compat entry with where it stands."""

    driver: str
    property: str
    value: str
    place: Place
    is_optional: bool = False


class Table(msgspec.Struct, frozen=True):
    """A compat table; `function` is the one that it stands in, for one machine type's own."""

    name: str
    function: str
    place: Place
    rows: tuple[Row, ...]

    @property
    def release(self) -> Version:
        """The release that its name or its function speaks of."""
        found = _VERSION.search(self.name) or _VERSION.search(self.function)
        return tuple(int(each) for each in found.groups() if each) if found else ()


class Machine(msgspec.Struct, frozen=True):
    """A versioned machine type and its tables in the order of application."""

    name: str
    family: str
    version: Version
    place: Place
    tables: tuple[Table, ...]

    @property
    def architecture(self) -> str:
        """The directory of its board below hw/."""
        return self.place.file.split("/")[1]


class Machines:
    """The machine types of a tree."""

    def __init__(self, files: Mapping[str, FileFacts], names: Names) -> None:
        self._files = files
        self._names = names

    @cached_property
    def all(self) -> dict[str, Machine]:
        """By name, as the files have them."""
        found: dict[str, Machine] = {}
        for path in sorted(self._files):
            for use in self._files[path].machines:
                if one := self._machine(use, path):
                    if one.name in found:  # arm and m68k both have a board called virt
                        one = msgspec.structs.replace(one, name=f"{one.name} ({one.architecture})")
                    found.setdefault(one.name, one)
        return found

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """All tables, reached by a machine type or not."""
        return tuple(self._tables[key] for key in sorted(self._tables))

    @cached_property
    def _tables(self) -> dict[tuple[str, str, str], Table]:
        return {
            (path, each.function, each.name): self._table(each, path)
            for path, facts in self._files.items()
            for each in facts.tables
        }

    @cached_property
    def _by_name(self) -> dict[str, Table]:
        return {each.name: each for each in self._tables.values() if not each.function}

    @cached_property
    def _functions(self) -> dict[str, tuple[str, Function]]:
        return {
            each.name: (path, each)
            for path, facts in self._files.items()
            for each in facts.functions
        }

    def _table(self, facts: TableFacts, path: str) -> Table:
        rows = tuple(
            self._row(each, path) for one in facts.entries for each in self._spelled(one, path)
        )
        return Table(facts.name, facts.function, Place(path, facts.line), rows)

    def _spelled(self, entry: Entry, path: str) -> Iterator[Entry]:
        """The entry, or those that a macro brings: `PC_CPU_MODEL_IDS("2.4")`."""
        macro, _, rest = entry.driver.partition("(")
        if entry.property or not rest:
            yield entry
            return
        item = Item(macro, split(rest[:-1]), entry.line)
        for each in self._names.expand(item, path) or ():
            if not each.macro and each.arguments[0].startswith("{"):
                yield entry_of(each)

    def _row(self, entry: Entry, path: str) -> Row:
        driver, property_, value = (
            self._names.text(each, path) or each
            for each in (entry.driver, entry.property, entry.value)
        )
        return Row(driver, property_, value, Place(path, entry.line), entry.is_optional)

    def _machine(self, use: MachineUse, path: str) -> Machine | None:
        bodies = list(self._bodies(use.macro, path))
        name, version = self._name(use, bodies)
        if not name:
            return None
        options = self._options(use, version, path)
        steps = [each for body in bodies for each in _CALL.findall(body)]
        tables = [
            table
            for function in [*steps, *options]
            for table in self._chain(function, path, bare=function in steps)
        ]
        if not version and not tables:
            return None
        return Machine(name, _family(name), version, Place(path, use.line), tuple(tables))

    def _bodies(self, macro: str, path: str, depth: int = 4) -> Iterator[str]:
        found = self._names.macro(macro, path)
        if found is None or not depth:
            return
        yield found.body
        for name in dict.fromkeys(_CALL.findall(found.body)):
            if name.startswith("DEFINE_"):
                yield from self._bodies(name, path, depth - 1)

    def _name(self, use: MachineUse, bodies: list[str]) -> tuple[str, Version]:
        """The name of the machine type and its version, from the arguments and the macro."""
        literals = [each.strip('"') for each in use.arguments if each.startswith('"')]
        for literal in literals:
            if re.match(r"[a-z]+-", literal):
                return literal, _version(literal)
        family = next((each for body in bodies for each in _LITERAL.findall(body)), "").rstrip("-")
        numbers = [each for each in use.arguments if each.isdigit()]
        version = tuple(map(int, numbers)) or _version(" ".join([*literals, *use.arguments]))
        return (f"{family}-{'.'.join(map(str, version))}" if family and version else ""), version

    def _options(self, use: MachineUse, version: Version, path: str) -> list[str]:
        """The function that sets the options of a machine type."""
        own = {each.name for each in self._files[path].functions}
        if named := [each for each in use.arguments if each in own]:
            return named
        middle = "_".join(map(str, version))
        pattern = re.compile(rf"\w*_v?{middle}_(?:\w*_)?options")
        return sorted(
            each for each in own if pattern.fullmatch(each) and "instance" not in each
        )[:1]  # fmt: skip

    def _chain(self, function: str, path: str, *, bare: bool, depth: int = 0) -> Iterator[Table]:
        """The tables that a function adds, in order, with those of the functions it calls.

        `bare` is for calls in a macro's body, of which only those count that add tables.
        """
        own = next((each for each in self._files[path].functions if each.name == function), None)
        home, found = (path, own) if own else self._functions.get(function, (path, None))
        if found is None or depth > _DEPTH:
            return
        if bare and not any(kind == "add" for kind, _ in found.steps):
            return
        for kind, name in found.steps:
            if kind == "call":
                yield from self._chain(name, home, bare=False, depth=depth + 1)
            elif table := self._added(name, function, home):
                yield table

    def _added(self, name: str, function: str, path: str) -> Table | None:
        return (
            self._tables.get((path, function, name))
            or self._tables.get((path, "", name))
            or self._by_name.get(name)
        )


def _family(name: str) -> str:
    """`pc-q35` of pc-q35-7.2, pc-q35-rhel9.4.0 and pc-q35-jammy."""
    return name.rpartition("-")[0] or name


def _version(text: str) -> Version:
    found = _VERSION.search(text)
    return tuple(int(each) for each in found.groups() if each) if found else ()
