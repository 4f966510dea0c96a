"""A cell of the matrix: one guest, one ordered pair of builds, the prediction and the outcome.

`status_of` sums a cell up in one word, so that cells can be counted and compared with an earlier
run. What really happened comes before what was predicted: a cell that fails has failed, whatever
its verdict.
"""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from qcompat.qemu.outcome import Outcome
from qcompat.rules.effect import When
from qcompat.rules.finding import Finding
from qcompat.rules.registry import RULES
from qcompat.verdict.goal import Goal, counts
from qcompat.verdict.judgement import Answer, about, is_risk, tried, when_of

CellKey = tuple[str, str, str, str]
"""Machine type, guest, source, target."""

Status = Literal["ok", "drift at reset", "drift", "unknown", "flaky", "fails", "crashes"]
"""`ok`, `drift at reset`, `drift`: it loads, and that is the verdict. `unknown`: it loads, but
whether the guest sees a change is not known, because there were no portraits or the verdict was
wrong; or this machine could not run the guest, so that it was not tried. `flaky`: it loads
sometimes. `fails`: it never loads, or would not with what it was tried without. `crashes`: it never
loads, and QEMU crashed or hung at least once. In documents this is a cell's `standing`."""

STATUSES: tuple[Status, ...] = get_args(Status)
_VIOLENT = ("crashed", "hung")


class Cell(msgspec.Struct, frozen=True):
    """One guest from `source` to `target` (names of builds).

    `guest` is what the guest is called in the matrix (`virtio-blk-pci`, a file's name),
    `machine` its machine type. `outcome` is what really happened in the end, `counts` how often
    each kind of outcome was seen where it was tried more than once. `predicted` is the verdict,
    None where there were no portraits; `reasons` are its findings without their evidence, gravest
    first, each only once, or a text that says why there is no verdict. `remedy` is what to set on
    the target. `alone` says that it was tried in a guest of its own; `through` names the guest
    that was tried instead, of which QEMU makes the same.
    """

    machine: str
    guest: str
    source: str
    target: str
    outcome: Outcome
    counts: dict[str, int] = {}
    predicted: Answer | None = None
    reasons: tuple[Finding | str, ...] = ()
    remedy: str = ""
    alone: bool = False
    through: str = ""

    @property
    def key(self) -> CellKey:
        """What a cell is found by in another matrix."""
        return (self.machine, self.guest, self.source, self.target)

    @property
    def is_flaky(self) -> bool:
        """Whether the outcome varied between tries."""
        return len(self.counts) > 1

    @property
    def is_untried(self) -> bool:
        """Whether this machine could not run the guest."""
        return self.outcome.kind == "untried"

    @property
    def contradicts(self) -> bool:
        """Whether the verdict said that it loads and it does not, or the reverse."""
        if self.predicted is None or self.is_flaky or self.is_untried:
            return False
        foreseen = tried(self.predicted, self._findings)
        return foreseen != "unknown" and (foreseen == "blocked") == self.outcome.loads

    @property
    def is_barred(self) -> bool:
        """Whether it loads, and would not with what the guest was tried without."""
        loads = self.outcome.loads and not self.is_flaky
        return loads and self.predicted == "blocked" and not self.contradicts

    @property
    def when(self) -> When | None:
        """When the guest first meets a change, where the verdict is drift."""
        return when_of(self.predicted, self._findings) if self.predicted else None

    def counting(self, goal: Goal) -> Cell:
        """The cell where only the promises of the goal count: its verdict, and its reasons."""
        if self.predicted is None:
            return self
        predicted = about(self.predicted, self._findings, goal)
        reasons = (r for r in self.reasons if isinstance(r, str) or counts(r, goal))
        return msgspec.structs.replace(self, predicted=predicted, reasons=tuple(reasons))

    @property
    def may_be_refused(self) -> bool:
        """Whether the target may refuse the guest, depending on what it did."""
        return self.predicted != "blocked" and any(map(is_risk, self._findings))

    @property
    def is_partial(self) -> bool:
        """Whether the guest was tried without a part that has state or that it sees."""
        return any(RULES[finding.rule].is_uncovered for finding in self._findings)

    @property
    def _findings(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.reasons if isinstance(each, Finding))


def same_reason(one: Finding | str, other: Finding | str) -> bool:
    """Whether two reasons say the same, of whichever device."""
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return _gist(one) == _gist(other)


def _gist(finding: Finding) -> tuple[object, ...]:
    return finding.rule, finding.case, finding.promise, finding.args


class Matrix(msgspec.Struct, frozen=True):
    """All cells of one run, in the order of machine, guest, source, target.

    `builds` maps a build's name to its package string (`Debian 1:7.2+dfsg-7+deb12u18`), `left_out`
    the guests that are not in it to the reason. `seconds` is how long it took.
    """

    builds: dict[str, str]
    cells: tuple[Cell, ...]
    left_out: dict[str, str] = {}
    accel: str = ""
    seconds: float = 0.0


def status_of(cell: Cell) -> Status:
    """The one word for a cell."""
    kinds = {cell.outcome.kind, *cell.counts}
    if cell.is_untried:
        return "unknown"
    if cell.is_flaky and "loaded" in kinds:
        return "flaky"
    if cell.is_barred:
        return "fails"
    if not cell.outcome.loads:
        return "fails" if kinds.isdisjoint(_VIOLENT) else "crashes"
    if cell.predicted == "ok":
        return "ok"
    if cell.predicted == "drift":
        return "drift at reset" if cell.when == "reset" else "drift"
    return "unknown"


def rank(status: Status) -> int:
    """How bad the outcome is, whatever the guest sees: 0 loads, 1 flaky, 2 fails, 3 crashes."""
    return max(STATUSES.index(status) - STATUSES.index("unknown"), 0)
