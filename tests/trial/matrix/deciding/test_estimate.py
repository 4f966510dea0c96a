from __future__ import annotations

import pytest

from qcompat.trial.matrix.deciding.batch import Batch, BatchReport
from qcompat.trial.matrix.deciding.estimate import Estimate
from qcompat.trial.matrix.question.packed_guest import own_guest
from qcompat.trial.matrix.question.spec import MatrixSpec


def batches(spec: MatrixSpec) -> list[Batch]:
    able = spec.able["pc-q35-7.2"]
    return [Batch(own_guest(entry), able[0], able[1:], "tcg") for entry in spec.entries] * 3


def test_equal_batches_leave_time_in_proportion(whole_spec: MatrixSpec) -> None:
    estimate = Estimate()
    due = batches(whole_spec)
    estimate.expected(due)
    for batch in due[: len(due) // 2]:
        estimate.reported(BatchReport(batch, {}, None, 0.3))
    rest = len(due) - len(due) // 2
    assert estimate.left(6.0) == pytest.approx(6.0 * rest / (len(due) // 2))


def test_nothing_is_said_too_early_and_nothing_is_left_at_the_end(whole_spec: MatrixSpec) -> None:
    estimate = Estimate()
    due = batches(whole_spec)
    estimate.expected(due)
    assert estimate.left(1.0) is None
    for batch in due:
        estimate.reported(BatchReport(batch, {}, None, 0.3))
    assert estimate.left(9.0) == 0


def test_what_is_replaced_is_not_waited_for(whole_spec: MatrixSpec) -> None:
    estimate = Estimate()
    due = batches(whole_spec)
    estimate.expected(due)
    for batch in due[:-1]:
        estimate.reported(BatchReport(batch, {}, None, 0.3))
    estimate.replaced(due[-1])
    assert estimate.left(9.0) == 0
