"""What the commands of `source` and `bisect` answer."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from qcompat.source.bisect.drive import Bisected
from qcompat.source.lint import Finding
from qcompat.source.tree.tree import Tree
from qcompat.source.tree.types import Unfollowed


class SourceLint(msgspec.Struct, frozen=True):
    """Findings in a tree, held against another where there is one; `lost` was not followed."""

    tree: str
    against: str
    found: Sequence[Finding]
    lost: Sequence[Unfollowed] = ()


class SourceShow(msgspec.Struct, frozen=True):
    """A tree, of which a type or a machine type is shown where one is asked for."""

    tree: Tree
    type: str | None = None
    machine: str | None = None

    def counts(self) -> dict[str, int]:
        """How much of each kind a tree has."""
        tree = self.tree
        types = tree.types.all.values()
        return {
            "files": len(tree.files.files),
            "types": len(types),
            "properties": sum(len(each.properties) for each in types),
            "compat tables": len(tree.machines.tables),
            "compat entries": sum(len(each.rows) for each in tree.machines.tables),
            "versioned machine types": len(tree.machines.all),
            "vmstate descriptions": len(tree.descriptions),
            "writes to PCI configuration": sum(len(f.writes) for f in tree.files.files.values()),
        }


class Bisection(msgspec.Struct, frozen=True):
    """Where a bisection ended, and what the one commit changes, if there is one."""

    found: Bisected
    facts: Sequence[Finding] = ()
