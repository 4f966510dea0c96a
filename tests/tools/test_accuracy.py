"""What is written of repairs into docs/accuracy.md."""

from __future__ import annotations

from typing import Literal

from tools.accuracy.repairs import Repaired
from tools.accuracy.repairs_page import render_repairs


def _cell(came: Literal["repaired", "unrepairable", "open"], seconds: float) -> Repaired:
    return Repaired("k", "disk", "q35", "a", "b", came, seconds, ("queue-size=1024",))


def test_shares_and_the_median_are_told_by_kind_of_guest() -> None:
    equal = [_cell("repaired", 1), _cell("repaired", 2), _cell("unrepairable", 9)]
    text = render_repairs(equal, [_cell("open", 30)])
    assert "| the same on both builds | 3 | 2 (66.7%) | 1 (33.3%) | 0 (0.0%) | 2.0 s |" in text
    assert "| different in one thing | 1 | 0 (0.0%) | 0 (0.0%) | 1 (100.0%) | 30.0 s |" in text
    assert "| **all** | 4 | 2 (50.0%) | 1 (25.0%) | 1 (25.0%) | 5.5 s |" in text
    assert "| queue-size | 2 |" in text


def test_nothing_is_said_where_nothing_was_tried() -> None:
    assert render_repairs([], []) == ""
