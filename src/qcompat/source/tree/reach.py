"""Which versioned machine types can have a device of a type.

A type of one architecture's directory is had by the boards of that directory. A device that no
user can make is had by the boards whose sources name it, over as many files as it takes. Anything
else can be plugged into every board. A type that none of them can have keeps no promise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from qcompat.arch.architecture import target_directory
from qcompat.source.tree.machines import Machine
from qcompat.source.tree.tree import Tree

_WIRED = frozenset(("sys-bus-device", "i2c-slave", "ssi-peripheral", "sd-card", "cpu"))
"""What only a board's own code puts into a guest, as a rule."""
_DIRECTORY = re.compile(r"(?:hw|target)/(\w+)/")


class Reach:
    """Types and machine types of one tree."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def machines(self, type_: str) -> tuple[Machine, ...]:
        """The versioned machine types that can have a device of that type."""
        if type_ not in self._known:
            self._known[type_] = tuple(self._machines(type_))
        return self._known[type_]

    def of_file(self, file: str) -> tuple[Machine, ...]:
        """Those that can have any of the types that a file defines; all for a file of none."""
        if file not in self._files_known:
            self._files_known[file] = self._of_file(file)
        return self._files_known[file]

    @cached_property
    def _known(self) -> dict[str, tuple[Machine, ...]]:
        return {}

    @cached_property
    def _files_known(self) -> dict[str, tuple[Machine, ...]]:
        return {}

    def _of_file(self, file: str) -> tuple[Machine, ...]:
        types = [each for each in self._tree.types.all.values() if each.place.file == file]
        if not types:
            return tuple(self._of_architecture(file, self._tree.machines.all.values()))
        found = {each.name: each for one in types for each in self.machines(one.name)}
        return tuple(found.values())

    def _machines(self, type_: str) -> Iterable[Machine]:
        found = self._tree.types.all.get(type_)
        every = self._tree.machines.all.values()
        if found is None:
            return every
        if "machine" in self._tree.types.ancestors(type_):
            return ()
        if found.is_abstract and type_ in self._descendants:
            return self._of_descendants(type_)
        if self._is_wired(type_):
            return [each for each in every if type_ in self._named[each.architecture]]
        return self._of_architecture(found.place.file, every)

    def _of_descendants(self, type_: str) -> list[Machine]:
        below = self._descendants.get(type_, ())
        return list({one.name: one for name in below for one in self.machines(name)}.values())

    @cached_property
    def _descendants(self) -> dict[str, tuple[str, ...]]:
        """The types that are not abstract, by each of their ancestors."""
        found: dict[str, list[str]] = {}
        for name, each in self._tree.types.all.items():
            if not each.is_abstract:
                for ancestor in self._tree.types.ancestors(name)[1:]:
                    found.setdefault(ancestor, []).append(name)
        return {name: tuple(below) for name, below in found.items()}

    def _is_wired(self, type_: str) -> bool:
        """Whether only code of a board makes such a device."""
        ancestors = self._tree.types.ancestors(type_)
        internal = any(
            (each := self._tree.types.all.get(name)) is not None and each.is_internal
            for name in ancestors[:2]
        )
        return internal or bool(_WIRED & set(ancestors))

    def _of_architecture(self, file: str, every: Iterable[Machine]) -> list[Machine]:
        match = _DIRECTORY.match(file)
        word = target_directory(match[1]) if match else ""
        if word not in self._architectures:
            return list(every)
        return [each for each in every if each.architecture == word]

    @cached_property
    def _architectures(self) -> frozenset[str]:
        """The directories below target/, which are those of hw/ that hold boards."""
        found = {
            path.split("/")[1] for path in self._tree.files.files if path.startswith("target/")
        }
        return frozenset(target_directory(each) for each in found)

    @cached_property
    def _named(self) -> dict[str, frozenset[str]]:
        """The types that the boards of an architecture name, directly or over other files."""
        homes: dict[str, set[str]] = {}
        for machine in self._tree.machines.all.values():
            homes.setdefault(machine.architecture, set()).add(machine.place.file)
        return {each: self._closure(files) for each, files in homes.items()}

    def _closure(self, boards: set[str]) -> frozenset[str]:
        waiting = list(self._beside(boards))
        seen = set(waiting)
        types: set[str] = set()
        while waiting:
            for name in self._mentioned(waiting.pop()):
                if name in types:
                    continue
                types.add(name)
                for one in self._tree.types.ancestors(name):
                    home = self._tree.types.all.get(one)
                    if home and home.place.file not in seen:
                        seen.add(home.place.file)
                        waiting.append(home.place.file)
        return frozenset(types)

    def _beside(self, boards: set[str]) -> set[str]:
        """The boards' sources and those whose names begin alike: pc.c beside pc_q35.c."""
        stems = {(file.rpartition("/")[0], _stem(file)) for file in boards}
        return {
            path
            for path in self._tree.files.files
            if (path.rpartition("/")[0], _stem(path)) in stems or _is_of_board(path, boards)
        }

    def _mentioned(self, file: str) -> Iterable[str]:
        facts = self._tree.files.files.get(file)
        for macro in facts.mentions if facts else ():
            if name := self._tree.names.text(macro, file):
                yield name


def _is_of_board(path: str, boards: set[str]) -> bool:
    """Whether a file lies in a directory that holds nothing but one family of boards."""
    place = path.rpartition("/")[0]
    return place in ("hw/i386", "hw/s390x") and any(each.startswith(place) for each in boards)


def _stem(path: str) -> str:
    return re.split(r"[_\-.]", path.rpartition("/")[2])[0]
