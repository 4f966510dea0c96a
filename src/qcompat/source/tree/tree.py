"""A whole tree, linked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from qcompat.source.facts import Description
from qcompat.source.tree.files import Files, Place
from qcompat.source.tree.machines import Machines
from qcompat.source.tree.names import Names
from qcompat.source.tree.types import Types, Unfollowed


class Tree:
    """Types, machine types and state descriptions of a tree; linked when they are asked for."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.names = Names(files.files)
        self.types = Types(files.files, self.names)
        self.machines = Machines(files.files, self.names)

    @cached_property
    def descriptions(self) -> dict[tuple[str, str], Description]:
        """State descriptions by file and variable."""
        return {
            (path, each.variable): each
            for path, facts in self.files.files.items()
            for each in facts.descriptions
        }

    @cached_property
    def unfollowed(self) -> tuple[Unfollowed, ...]:
        """All that could not be followed."""
        _ = self.types.all
        return tuple(sorted({*self._lost(), *self.types.lost}))

    def _lost(self) -> Iterator[Unfollowed]:
        for path, facts in self.files.files.items():
            for each in facts.lost:
                yield Unfollowed(Place(path, each.line), each.what, each.why)
