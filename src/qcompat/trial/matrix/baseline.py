"""A matrix held against an earlier one: what got worse, what got better, what is not known.

Worse is what a guest loses: a load that worked and now fails, sometimes fails or brings QEMU
down; a change that it sees and did not see before. What was proven and is not proven any more
(cells that were not tried, verdicts that are now unknown) is `unproven`: no loss is shown, but
nothing shows that there is none. Where there is no verdict now, loads alone are compared. What
never worked cannot get lost, and what is new has nothing to be worse than. Times and QEMU's
wording are not compared.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Literal

import msgspec

from qcompat.errors import UsageError
from qcompat.trial.matrix.build_matching import partners
from qcompat.trial.matrix.cell import Cell, Matrix
from qcompat.trial.matrix.standing import Standing, rank, standing

Promise = Literal["loads", "unchanged"]
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
    def then(self) -> Standing | None:
        """Where it stood in the baseline."""
        return standing(self.before) if self.before else None

    @property
    def now(self) -> Standing | None:
        """Where it stands in this run."""
        return standing(self.after) if self.after else None


class Change(msgspec.Struct, frozen=True):
    """All that differs from the baseline, in the order of the cells.

    `builds` maps the baseline's builds to their partners in this run, `unmatched` are those
    without one. `same` counts the cells that stand as they stood, `unseen` those that load as
    they did, but have no verdict now, so that what the guest sees could not be compared.
    `promise` is what was asked to stay kept.
    """

    builds: dict[str, str]
    shifts: tuple[Shift, ...]
    same: int
    unseen: int = 0
    unmatched: tuple[str, ...] = ()
    promise: Promise = "unchanged"

    def of(self, what: What) -> tuple[Shift, ...]:
        """The shifts of one kind."""
        return tuple(shift for shift in self.shifts if shift.what == what)

    @property
    def answer(self) -> Literal["kept", "broken", "unknown"]:
        """The gate: broken by what got worse, unknown by what is not proven any more."""
        if self.of("worse"):
            return "broken"
        return "unknown" if self.of("unproven") else "kept"


def match(
    baseline: Matrix, builds: Collection[str], accel: str, same: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The baseline's builds with their partners among `builds`; to be asked before a long run.

    Errors: UsageError where the two runs cannot be held against one another.
    """
    if baseline.accel and accel and baseline.accel != accel:
        raise UsageError(
            f"the baseline was run with {baseline.accel}, and this run is with {accel}: guests "
            "send different state then",
            f"run with --accel {baseline.accel}, or make a new baseline",
        )
    found = partners(baseline.builds, builds, same or {})
    if not found:
        raise UsageError(
            f"the baseline and this run share no build: then {', '.join(baseline.builds)}, "
            f"now {', '.join(builds)}",
            "say which build stands for which, as in --same OLD=NEW",
        )
    return found


def change_since(
    baseline: Matrix,
    matrix: Matrix,
    same: Mapping[str, str] | None = None,
    *,
    promise: Promise = "unchanged",
) -> Change:
    """What changed since the baseline. Pure. Errors: as `match`."""
    builds = match(baseline, matrix.builds, matrix.accel, same)
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


def _key_now(before: Cell, builds: Mapping[str, str]) -> tuple[str, str, str, str]:
    """What the cell would be found by in this run; of a build without partner, by nothing."""
    source, target = (builds.get(name, "") for name in (before.source, before.target))
    return (before.machine, before.guest, source, target)


def _left_out(key: tuple[str, str, str, str], left_out: Mapping[str, str]) -> str:
    """Why a guest, the guest on its machine type, or the machine type on a build is left out."""
    machine, guest, source, target = key
    names = (guest, f"{guest} on {machine}", f"{machine} on {source}", f"{machine} on {target}")
    return next((left_out[name] for name in names if name in left_out), "")


def _gone(before: Cell, left_out: str, fresh: frozenset[str]) -> Shift:
    """A cell that this run did not try.

    What is left out now got lost, unless it is for a build's sake that the baseline knows
    nothing of: that another build lacks a device takes nothing from those that have it.
    """
    if rank(standing(before)) >= rank("fails"):
        return Shift("changed", before, None, left_out)
    others = not fresh.isdisjoint(re.findall(r"[^\s,:]+", left_out))
    return Shift("worse" if left_out and not others else "unproven", before, None, left_out)


def _compare(before: Cell, after: Cell, promise: Promise) -> What:
    then, now = standing(before), standing(after)
    if then == "flaky" and rank(now) > rank(then):
        return "changed"  # in a few tries, what loads sometimes may as well fail each time
    if rank(then) != rank(now):
        return "worse" if rank(now) > rank(then) else "better"
    if rank(now):
        same = now == "flaky" or before.outcome.kind == after.outcome.kind
        return "same" if same else "changed"
    return "same" if promise == "loads" else _compare_seen(before, after)


def _compare_seen(before: Cell, after: Cell) -> What:
    """Both load: what the guest sees.

    A second reason hides behind the first (almost every pair of releases drifts by its ACPI
    tables alone), so more reasons are worse; other words for as many are only told, since they
    may be another qcompat's.
    """
    then, now = standing(before), standing(after)
    if after.predicted is None:
        return "same" if then == now else "unseen"
    if then != now:
        return _SEEN[then, now]
    more = len(set(after.reasons)) - len(set(before.reasons))
    if now != "drift" or set(after.reasons) == set(before.reasons):
        return "same"
    return "worse" if more > 0 else "better" if more < 0 else "changed"


_SEEN: dict[tuple[Standing, Standing], What] = {
    ("ok", "drift"): "worse",
    ("ok", "unknown"): "unproven",
    ("drift", "unknown"): "unproven",
    ("drift", "ok"): "better",
    ("unknown", "ok"): "better",
    ("unknown", "drift"): "changed",
}
