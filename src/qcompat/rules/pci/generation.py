"""How far a build has come, told by the machine types that it knows.

For behaviours that leave no trace which could be asked for. A version number says less: it is
what a distribution calls the package, while a build that has `pc-q35-8.1` was made of a source
that had got there. Upstream's machine types only; others count in numbers of their own.
"""

from __future__ import annotations

from qcompat.arch.machine_type import parse_machine_type
from qcompat.builds.facts import BuildFacts

_BOARDS = ("pc-q35", "pc-i440fx", "virt", "pseries", "s390-ccw-virtio")
"""Boards that get a machine type with every release."""

Generation = tuple[int, int]


def generation(facts: BuildFacts) -> Generation | None:
    """The newest upstream machine type that the build knows, None where it knows none."""
    found = (parse_machine_type(machine.name) for machine in facts.machines)
    known = [each for each in found if each.is_upstream and each.board in _BOARDS]
    return max(((each.version[0], each.version[1]) for each in known), default=None)


def is_before(facts: BuildFacts, since: Generation) -> bool:
    """Whether the build is known to be older than the release `since`."""
    reached = generation(facts)
    return reached is not None and reached < since
