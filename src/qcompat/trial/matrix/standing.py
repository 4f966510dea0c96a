"""Where a cell stands: what happened and, where it loads, what the guest sees of it.

One word a cell, so that cells can be counted and held against an earlier run. What really
happened comes before what was said: a cell that fails stands as failing whatever its verdict.
"""

from __future__ import annotations

from typing import Literal, get_args

from qcompat.trial.matrix.cell import Cell

Standing = Literal["ok", "drift", "unknown", "flaky", "fails", "crashes"]
"""`ok`, `drift`: it loads, and that is the verdict. `unknown`: it loads, and whether the guest
sees a change is not known, be it that no portraits were at hand or that the verdict was wrong.
`flaky`: sometimes it loads. `fails`: it never does. `crashes`: nor does QEMU always live through
it."""

STANDINGS: tuple[Standing, ...] = get_args(Standing)
_VIOLENT = ("crashed", "hung")


def standing(cell: Cell) -> Standing:
    """The one word for a cell."""
    kinds = {cell.outcome.kind, *cell.counts}
    if cell.is_flaky and "loaded" in kinds:
        return "flaky"
    if not cell.outcome.loads:
        return "fails" if kinds.isdisjoint(_VIOLENT) else "crashes"
    if cell.predicted == "ok" or cell.predicted == "drift":
        return cell.predicted
    return "unknown"


def rank(where: Standing) -> int:
    """How bad the outcome is, whatever the guest sees: 0 loads, 1 flaky, 2 fails, 3 crashes."""
    return max(STANDINGS.index(where) - STANDINGS.index("unknown"), 0)
