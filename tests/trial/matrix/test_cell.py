"""One word a cell: what happened comes before what was said."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given

from qcompat.rules.finding import Certainty, Finding
from qcompat.rules.subject import Subject
from qcompat.trial.matrix.cell import STATUSES, Cell, Matrix, Status, rank, status_of
from tests.report.matrix.matrices import cell, matrices


@pytest.mark.parametrize(
    ("each", "where"),
    [
        (cell(), "ok"),
        (cell(predicted="drift"), "drift"),
        (cell(predicted=None), "unknown"),
        (cell(predicted="unknown"), "unknown"),
        (cell(predicted="blocked"), "unknown"),
        (cell(counts={"loaded": 1, "refused": 2}), "flaky"),
        (cell(kind="refused", counts={"loaded": 1, "refused": 2}), "flaky"),
        (cell(kind="refused", counts={"refused": 3}), "fails"),
        (cell(kind="no_stream"), "fails"),
        (cell(kind="no_start"), "fails"),
        (cell(kind="crashed"), "crashes"),
        (cell(kind="hung"), "crashes"),
        (cell(kind="refused", counts={"refused": 1, "crashed": 1}), "crashes"),
    ],
)
def test_where_a_cell_stands(each: Cell, where: Status) -> None:
    assert status_of(each) == where


@given(matrices())
def test_what_loads_ranks_before_what_does_not(any_matrix: Matrix) -> None:
    for each in any_matrix.cells:
        loads = each.outcome.loads and len(each.counts) < 2
        assert (rank(status_of(each)) == 0) == loads or each.is_flaky


def test_ranks_rise_with_how_bad_it_is() -> None:
    assert [rank(where) for where in STATUSES] == [0, 0, 0, 0, 1, 2, 3]


def left_out(rule: str, case: str, certainty: Certainty, *, undecided: bool) -> Finding:
    subject = Subject("device", "vfio-pci")
    return Finding(rule, "loads", certainty, subject, {}, undecided=undecided, case=case)


def test_a_load_without_a_part_neither_proves_nor_contradicts() -> None:
    reason = left_out("uncovered_part_unproven", "state", "possible", undecided=True)
    each = msgspec.structs.replace(cell(predicted="unknown"), reasons=(reason,))
    assert (each.is_partial, each.is_barred, each.contradicts) == (True, False, False)
    assert status_of(each) == "unknown"


def test_a_load_without_what_bars_the_guest_fails() -> None:
    reason = left_out("uncovered_state_missing", "known", "likely", undecided=False)
    each = msgspec.structs.replace(cell(predicted="blocked"), reasons=(reason,))
    assert (each.is_partial, each.is_barred, each.contradicts) == (True, True, False)
    assert status_of(each) == "fails"
