"""A matrix compared with an earlier one: what got worse, what got better, what is not known. Pure.

Worse is what a guest loses: a load that worked and now fails, sometimes fails or crashes QEMU; a
change that it sees and did not see before. What was proven and is no longer proven (cells that
were not tried, verdicts that are now unknown) is `unproven`: nothing shows a loss, and nothing
shows that there is none. Where there is no verdict now, only loads are compared. What never
worked cannot be lost, and what is new has nothing to be compared with. Times and QEMU's wording
are not compared.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Literal

import msgspec

from qcompat.trial.matrix.build_matching import match_builds
from qcompat.trial.matrix.cell import Cell, CellKey, Matrix, Status, rank, same_reason, status_of
from qcompat.verdict.goal import USUAL, Goal

What = Literal["worse", "unproven", "better", "changed", "new", "same", "unseen"]


class Shift(msgspec.Struct, frozen=True):
    """One cell then and now.

    `before` carries the names of the builds as they were then; None where the baseline has no
    such cell. `after` is None where it was not tried now, and `left_out` then says why, if the
    guest was left out of this run.
    """

    what: What
    before: Cell | None = None
    after: Cell | None = None
    left_out: str = ""

    @property
    def cell(self) -> Cell:
        """The cell of this run, or else that of the baseline."""
        cell = self.after or self.before
        assert cell is not None, "a shift has at least one end"
        return cell

    @property
    def then(self) -> Status | None:
        """Its status in the baseline."""
        return status_of(self.before) if self.before else None

    @property
    def now(self) -> Status | None:
        """Its status in this run."""
        return status_of(self.after) if self.after else None


class Change(msgspec.Struct, frozen=True):
    """All that differs from the baseline, in the order of the cells.

    `builds` maps the baseline's builds to their matches in this run, `unmatched` are those
    without one. `same` counts the cells that are as they were, `unseen` those that load as
    before but have no verdict now, so that what the guest sees could not be compared. `promise`
    is the promise that must not get worse.
    """

    builds: dict[str, str]
    shifts: tuple[Shift, ...]
    same: int
    unseen: int = 0
    unmatched: tuple[str, ...] = ()
    promise: Goal = USUAL

    def of(self, what: What) -> tuple[Shift, ...]:
        """The shifts of one kind."""
        return tuple(shift for shift in self.shifts if shift.what == what)

    @property
    def answer(self) -> Literal["kept", "broken", "unknown"]:
        """The gate: broken by what got worse, unknown by what is no longer proven."""
        if self.of("worse"):
            return "broken"
        return "unknown" if self.of("unproven") else "kept"


def change_since(
    baseline: Matrix,
    matrix: Matrix,
    same: Mapping[str, str] | None = None,
    *,
    promise: Goal = USUAL,
) -> Change:
    """What changed since the baseline. Errors: as `match_builds`."""
    builds = match_builds(baseline, matrix.builds, matrix.accel, same)
    fresh = frozenset(matrix.builds) - frozenset(builds.values())
    now = {cell.key: cell for cell in matrix.cells}
    shifts = []
    for before in baseline.cells:
        key = _key_now(before, builds)
        if after := now.pop(key, None):
            shifts.append(Shift(_compare(before, after, promise), before, after))
        else:
            shifts.append(_gone(before, _left_out(key, matrix.left_out), fresh))
    shifts.extend(Shift("new", after=cell) for cell in now.values())
    counts = Counter(shift.what for shift in shifts)
    return Change(
        builds=builds,
        shifts=tuple(shift for shift in shifts if shift.what not in ("same", "unseen")),
        same=counts["same"],
        unseen=counts["unseen"],
        unmatched=tuple(name for name in baseline.builds if name not in builds),
        promise=promise,
    )


def _key_now(before: Cell, builds: Mapping[str, str]) -> CellKey:
    """The key that the cell has in this run; no cell has it where a build has no match."""
    source, target = (builds.get(name, "") for name in (before.source, before.target))
    return (before.machine, before.guest, source, target)


def _left_out(key: CellKey, left_out: Mapping[str, str]) -> str:
    """Why a guest, the guest on its machine type, or the machine type on a build is left out."""
    machine, guest, source, target = key
    names = (guest, f"{guest} on {machine}", f"{machine} on {source}", f"{machine} on {target}")
    return next((left_out[name] for name in names if name in left_out), "")


def _gone(before: Cell, left_out: str, fresh: frozenset[str]) -> Shift:
    """A cell that this run did not try.

    What is left out now is lost, unless the reason is a build that the baseline does not have:
    a device that another build lacks takes nothing from the builds that have it.
    """
    if rank(status_of(before)) >= rank("fails"):
        return Shift("changed", before, None, left_out)
    others = not fresh.isdisjoint(re.findall(r"[^\s,:]+", left_out))
    return Shift("worse" if left_out and not others else "unproven", before, None, left_out)


def _compare(before: Cell, after: Cell, promise: Goal) -> What:
    if before.is_untried or after.is_untried:
        return "same" if before.is_untried and after.is_untried else "unproven"
    then, now = status_of(before), status_of(after)
    if then == "flaky" and rank(now) > rank(then):
        return "changed"  # what loads sometimes may well fail in each of a few tries
    if rank(then) != rank(now):
        return "worse" if rank(now) > rank(then) else "better"
    if rank(now):
        same = now == "flaky" or before.outcome.kind == after.outcome.kind
        return "same" if same else "changed"
    if promise == "loads":
        return "same"
    return _compare_seen(before.counting(promise), after.counting(promise))


def _compare_seen(before: Cell, after: Cell) -> What:
    """Both load: what the guest sees.

    One reason can hide another (almost every pair of releases drifts by its ACPI tables alone),
    so more reasons are worse, and as many others only count as changed. Of a baseline that has
    them in words alone they can only be counted.
    """
    then, now = status_of(before), status_of(after)
    if after.predicted is None:
        return "same" if then == now else "unseen"
    if then != now:
        return _SEEN[then, now]
    more = len(after.reasons) - len(before.reasons)
    if now not in _DRIFTS or (not more and _same_reasons(before, after)):
        return "same"
    return "worse" if more > 0 else "better" if more < 0 else "changed"


def _same_reasons(before: Cell, after: Cell) -> bool:
    if any(isinstance(each, str) for each in before.reasons):
        return True
    return all(any(same_reason(one, each) for each in before.reasons) for one in after.reasons)


_DRIFTS: tuple[Status, ...] = ("drift at reset", "drift")
_SEEN: dict[tuple[Status, Status], What] = {
    ("ok", "drift at reset"): "worse",
    ("ok", "drift"): "worse",
    ("drift at reset", "drift"): "worse",
    ("drift at reset", "ok"): "better",
    ("drift", "drift at reset"): "better",
    ("drift at reset", "unknown"): "unproven",
    ("unknown", "drift at reset"): "changed",
    ("ok", "unknown"): "unproven",
    ("drift", "unknown"): "unproven",
    ("drift", "ok"): "better",
    ("unknown", "ok"): "better",
    ("unknown", "drift"): "changed",
}
