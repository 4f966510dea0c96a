from __future__ import annotations

import pytest

from qcompat.trial.matrix.deciding.batch import Batch, Report
from qcompat.trial.matrix.deciding.estimate import Estimate
from qcompat.trial.matrix.question.packed_guest import single
from qcompat.trial.matrix.question.spec import Scope


def batches(scope: Scope) -> list[Batch]:
    able = scope.able["pc-q35-7.2"]
    return [Batch(single(entry), able[0], able[1:], "tcg") for entry in scope.entries] * 3


def test_equal_batches_leave_time_in_proportion(whole_scope: Scope) -> None:
    estimate = Estimate()
    due = batches(whole_scope)
    estimate.expected(due)
    for batch in due[: len(due) // 2]:
        estimate.reported(Report(batch, {}, None, 0.3))
    rest = len(due) - len(due) // 2
    assert estimate.left(6.0) == pytest.approx(6.0 * rest / (len(due) // 2))


def test_nothing_is_said_too_early_and_nothing_is_left_at_the_end(whole_scope: Scope) -> None:
    estimate = Estimate()
    due = batches(whole_scope)
    estimate.expected(due)
    assert estimate.left(1.0) is None
    for batch in due:
        estimate.reported(Report(batch, {}, None, 0.3))
    assert estimate.left(9.0) == 0


def test_what_is_replaced_is_not_waited_for(whole_scope: Scope) -> None:
    estimate = Estimate()
    due = batches(whole_scope)
    estimate.expected(due)
    for batch in due[:-1]:
        estimate.reported(Report(batch, {}, None, 0.3))
    estimate.replaced(due[-1])
    assert estimate.left(9.0) == 0
