"""Types and the migration state that they own: by their class, by what their file registers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from qcompat.source.lint.finding import Finding
from qcompat.source.lint.pair import Pair
from qcompat.source.lint.state_sides import parts
from qcompat.source.tree.tree import Tree


class StateOwners:
    """Which types have which descriptions, in both trees of a pair."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair

    def sections(self) -> Iterator[Finding]:
        """Types of both trees that have a section in one only."""
        for name, after in self._pair.after.types.all.items():
            before = self._pair.before.types.all.get(name)
            if (
                before is None
                or before.is_abstract
                or before.parent == "interface"
                or not self._pair.reached(name)
            ):
                continue
            ours, theirs = (
                self._sections(side, name) for side in (self._pair.before, self._pair.after)
            )
            if bool(ours) == bool(theirs):
                continue
            lint = "vmstate_section_added" if theirs else "vmstate_section_removed"
            section = next(iter(theirs or ours))
            yield Finding(
                lint, "suspicious" if theirs else "breaks", f"{name}: {section}",
                here=after.place, there=before.place, types=(name,),
                machines=tuple(self._pair.reached(name)),
            )  # fmt: skip

    def _sections(self, tree: Tree, type_: str) -> list[str]:
        """The section of the nearest ancestor that has one, and those that its file registers."""
        for owner in tree.types.ancestors(type_):
            each = tree.types.all.get(owner)
            if each is None:
                continue
            functions = tree.files.files[each.place.file].functions
            registered = {
                (each.place.file, one) for function in functions for one in function.descriptions
            }
            keys = {*each.descriptions, *(registered - self._of_classes(tree))}
            known = [
                (key, tree.descriptions[key]) for key in sorted(keys) if key in tree.descriptions
            ]
            if known:
                return [
                    tree.names.text(found.name, key[0]) or key[1]
                    for key, found in known
                    if not found.is_unmigratable
                ]
        return []

    def _of_classes(self, tree: Tree) -> set[tuple[str, str]]:
        """The descriptions that some type gives to its class."""
        if id(tree) not in self._class_keys:
            every = tree.types.all.values()
            self._class_keys[id(tree)] = {key for each in every for key in each.descriptions}
        return self._class_keys[id(tree)]

    @cached_property
    def _class_keys(self) -> dict[int, set[tuple[str, str]]]:
        return {}

    @cached_property
    def nested(self) -> frozenset[str]:
        """Descriptions that stand as a field in another, whose version is not on the wire."""
        return frozenset(
            word.lstrip("&")
            for found in self._pair.after.descriptions.values()
            for item in found.fields
            for word in item.arguments
            if word.startswith("vmstate_") or word.startswith("&vmstate_")
        )

    def is_unmigratable(self, type_: str) -> bool:
        tree = self._pair.before
        each = tree.types.all.get(type_)
        keys = each.descriptions if each else ()
        return any(
            tree.descriptions[key].is_unmigratable for key in keys if key in tree.descriptions
        )

    @cached_property
    def owners(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """The types whose state a description is part of, by field or subsection."""
        tree = self._pair.after
        homes: dict[str, list[tuple[str, str]]] = {}
        for key in tree.descriptions:
            homes.setdefault(key[1], []).append(key)
        found: dict[tuple[str, str], set[str]] = {}
        for name, each in tree.types.all.items():
            waiting = list(each.descriptions)
            seen = set(waiting)
            while waiting:
                key = waiting.pop()
                found.setdefault(key, set()).add(name)
                for variable in parts(tree.descriptions.get(key)):
                    below = (
                        [(key[0], variable)]
                        if (key[0], variable) in tree.descriptions
                        else homes.get(variable, [])
                    )
                    waiting += [one for one in below if one not in seen]
                    seen.update(below)
        return {key: tuple(names) for key, names in found.items()}
