"""Entries that reach nothing, that end QEMU, or that leave out a sibling. Needs one tree only."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from qcompat.machine.value import canonical
from qcompat.source.lint.finding import Finding, PasteEntry, Severity
from qcompat.source.lint.pair import default_of, kind_of, spelled
from qcompat.source.tree.machines import Row, Table
from qcompat.source.tree.tree import Tree


def find(tree: Tree, before: Tree | None = None) -> Iterator[Finding]:
    """What is wrong with the tables of a tree; held against another, only what is new."""
    known = _Known(tree)
    earlier = _Known(before) if before else None
    old = {key: (table, row) for key, table, row in _rows(before)} if before else {}
    for key, table, row in _rows(tree):
        found = list(known.judge(table, row, is_new=before is not None and key not in old))
        if found and earlier and key in old:
            told = {each.lint for each in earlier.judge(*old[key], is_new=False)}
            found = [each for each in found if each.lint not in told]
        yield from found


def _rows(tree: Tree) -> Iterator[tuple[tuple[str, ...], Table, Row]]:
    for table in tree.machines.tables:
        for row in table.rows:
            key = (table.name, table.function, row.driver, row.property, row.value)
            yield key, table, row


def _plain(
    lint: str, severity: Severity, subject: str, reason: str, table: Table, row: Row,
    types: tuple[str, ...] = (),
) -> Finding:  # fmt: skip
    return Finding(
        lint, severity, subject, reason, here=row.place, types=types, table=spelled(table),
        table_place=table.place,
    )  # fmt: skip


class _Known:
    """What the types of a tree say of an entry."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def judge(self, table: Table, row: Row, *, is_new: bool) -> Iterator[Finding]:
        """The findings about one entry."""
        types = self._reached.get(row.driver, ())
        subject = f"{row.driver}.{row.property}"
        if not types:
            if not self._is_computed(row.driver):
                yield _plain(
                    "entry_driver_missing", "suspicious", subject, "no_such_type", table, row
                )
            return
        lacking = tuple(name for name in types if self._lacks(name, row.property))
        if lacking and not row.is_optional:
            severity, reason = self._judged(lacking, types, row)
            yield _plain("entry_property_missing", severity, subject, reason, table, row, lacking)
        yield from self._siblings(table, row, is_new)

    def _judged(
        self, lacking: tuple[str, ...], types: tuple[str, ...], row: Row
    ) -> tuple[Severity, str]:
        if len(lacking) < len(
            [name for name in types if not self._tree.types.all[name].is_abstract]
        ):
            return "breaks", "some_types_lack_it"
        if row.property in self._literals:
            return "suspicious", "declared_elsewhere"
        return "breaks", "no_such_property"

    def _lacks(self, type_: str, property_: str) -> bool:
        types = self._tree.types
        if types.all[type_].is_abstract or property_ in types.properties(type_):
            return False
        if types.is_open(type_):  # its names are computed, yet from strings that stand somewhere
            return property_ not in self._literals
        return not types.has_added(type_, property_) and property_ not in self._own_literals(type_)

    def _siblings(self, table: Table, row: Row, is_new: bool) -> Iterator[Finding]:
        """Other names of one virtio PCI description that no entry of the table is for."""
        one = self._tree.types.all.get(row.driver)
        if one is None or row.driver not in one.family:
            return
        others = [name for name in one.family if name != row.driver]
        drivers = {each.driver for each in table.rows if each.property == row.property}
        lacking = tuple(
            name
            for name in others
            if not drivers & set(self._tree.types.ancestors(name)) and self._differs(name, row)
        )
        if lacking:
            yield Finding(
                "entry_sibling_missing",
                "breaks" if is_new else "suspicious",
                f"{row.driver}.{row.property}",
                "transitional",
                before=row.value,
                here=row.place,
                types=lacking,
                entries=tuple(PasteEntry(name, row.property, row.value) for name in lacking),
                table=spelled(table),
                table_place=table.place,
            )

    def _differs(self, type_: str, row: Row) -> bool:
        found = self._tree.types.properties(type_).get(row.property)
        return found is not None and default_of(found[1]) != canonical(row.value, kind_of(found[1]))

    def _own_literals(self, type_: str) -> set[str]:
        found: set[str] = set()
        for owner in self._tree.types.ancestors(type_):
            each = self._tree.types.all.get(owner)
            if each:
                found.update(self._tree.files.files[each.place.file].literals)
        return found

    @cached_property
    def _reached(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for name in self._tree.types.all:
            for ancestor in self._tree.types.ancestors(name):
                found.setdefault(ancestor, []).append(name)
        return {name: tuple(types) for name, types in found.items()}

    @cached_property
    def _literals(self) -> frozenset[str]:
        """Short strings of all files that make types or properties, but of no table's file."""
        tables = {table.place.file for table in self._tree.machines.tables}
        found: set[str] = set()
        for path, facts in self._tree.files.files.items():
            if path not in tables:
                found.update(facts.literals)
                found.update(text[1:-1] for text in facts.defines.values() if text[0] == '"')
        return frozenset(found)

    def _is_computed(self, driver: str) -> bool:
        """Whether the name of a type may be made in code: `Haswell-ARCH-cpu`, of `Haswell`."""
        if driver in self._literals:
            return True
        head, *tail = driver.rsplit("-", 2)
        return tail[1:] == ["cpu"] and head in self._literals
