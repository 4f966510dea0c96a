"""One description of migration state in one tree, and the pairs that two trees make."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.source.facts import Description, Test
from qcompat.source.lint.pair import Pair
from qcompat.source.tree.files import Place
from qcompat.source.tree.tree import Tree
from qcompat.source.tree.wire import Field, field_of


class Side(msgspec.Struct, frozen=True):
    """A description of one tree."""

    tree: Tree
    file: str
    found: Description

    @property
    def place(self) -> Place:
        return Place(self.file, self.found.line)

    @property
    def section(self) -> str:
        return self.tree.names.text(self.found.name, self.file) or self.found.variable

    def number(self, expression: str) -> int:
        return self.tree.names.number(expression, self.file) or 0

    def fields(self) -> list[Field]:
        return [field_of(item, self.file, self.tree.names) for item in self.found.fields]

    def subsections(self) -> dict[str, Side]:
        """The subsections that are read, by section name."""
        found = (self.lookup(variable) for variable in self.found.subsections)
        return {each.section: each for each in found if each}

    def lookup(self, variable: str) -> Side | None:
        own = self.tree.descriptions.get((self.file, variable))
        if own:
            return Side(self.tree, self.file, own)
        for (file, name), found in self.tree.descriptions.items():
            if name == variable:
                return Side(self.tree, file, found)
        return None

    def test(self, name: str) -> Test | None:
        facts = self.tree.files.files[self.file]
        return next((each for each in facts.tests if each.name == name), None)


def shape(found: Description) -> tuple[object, ...]:
    """A description without lines."""
    fields = tuple((each.macro, each.arguments, each.condition) for each in found.fields)
    versions = (found.name, found.version, found.minimum, found.is_unmigratable)
    return (*versions, found.needed, found.subsections, fields)


def same_test(before: Side, after: Side) -> bool:
    """Whether what decides that a description is sent says the same."""
    ours, theirs = before.test(before.found.needed), after.test(after.found.needed)
    return (ours and ours.body) == (theirs and theirs.body)


def paired(pair: Pair) -> Iterator[tuple[Side, Side]]:
    """Descriptions by file and variable, else by variable and section name where that is one."""
    ours = pair.before.descriptions
    by_name: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for (file, variable), found in ours.items():
        by_name.setdefault((variable, found.name), []).append((file, variable))
    for (file, variable), found in pair.after.descriptions.items():
        key = (file, variable)
        if key not in ours:
            moved = by_name.get((variable, found.name), [])
            if len(moved) != 1 or moved[0] in pair.after.descriptions:
                continue
            key = moved[0]
        yield Side(pair.before, key[0], ours[key]), Side(pair.after, file, found)


def parts(found: Description | None) -> Iterator[str]:
    """The descriptions that one names in its fields and subsections."""
    if found is not None:
        yield from found.subsections
        for item in found.fields:
            yield from (word.lstrip("&") for word in item.arguments if "vmstate" in word)
