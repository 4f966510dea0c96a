"""A cell of the matrix: one guest, one ordered pair of builds, what was said and what happened."""

from __future__ import annotations

import msgspec

from qcompat.qemu.outcome import Outcome
from qcompat.verdict.judgement import Answer


class Cell(msgspec.Struct, frozen=True):
    """One guest from `source` to `target` (names of builds).

    `guest` is what the guest is called in the matrix (`virtio-blk-pci`, a file's name),
    `machine` its machine type. `outcome` is what really happened in the end, `counts` how often
    each kind of outcome was seen where it was tried more than once. `predicted` is the verdict,
    None where no portraits were at hand; `reasons` are the findings' summaries, gravest first;
    `remedy` what to set on the target. `alone` says that it was tried in a guest of its own,
    `through` names the guest that was tried for it, of which QEMU makes the same.
    """

    machine: str
    guest: str
    source: str
    target: str
    outcome: Outcome
    counts: dict[str, int] = {}
    predicted: Answer | None = None
    reasons: tuple[str, ...] = ()
    remedy: str = ""
    alone: bool = False
    through: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What a cell is found by in another matrix."""
        return (self.machine, self.guest, self.source, self.target)

    @property
    def is_flaky(self) -> bool:
        """Whether it ended differently when it was tried again."""
        return len(self.counts) > 1

    @property
    def contradicts(self) -> bool:
        """Whether the verdict said that it loads and it does not, or the other way round."""
        if self.predicted in (None, "unknown") or self.is_flaky:
            return False
        return (self.predicted == "blocked") == self.outcome.loads


class Matrix(msgspec.Struct, frozen=True):
    """All cells of one run, in the order of machine, guest, source, target.

    `builds` maps a build's name to its package string (`Debian 1:7.2+dfsg-7+deb12u18`), `left_out`
    the guests that no build starts to the reason. `seconds` is how long it took.
    """

    builds: dict[str, str]
    cells: tuple[Cell, ...]
    left_out: dict[str, str] = {}
    accel: str = ""
    seconds: float = 0.0
