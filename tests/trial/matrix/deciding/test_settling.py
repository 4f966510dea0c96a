from __future__ import annotations

import pytest

from qcompat.qemu.outcome import Outcome
from qcompat.trial.matrix.deciding.settling import counts, final, is_expected
from qcompat.verdict.judgement import Answer

LOADED, REFUSED, CRASHED = Outcome("loaded"), Outcome("refused", "no"), Outcome("crashed")


@pytest.mark.parametrize(
    ("predicted", "expected"),
    [(None, True), ("ok", True), ("drift", True), ("blocked", False), ("unknown", False)],
)
def test_a_load_is_enough_unless_its_verdict_says_otherwise(
    predicted: Answer | None, expected: bool
) -> None:
    assert is_expected(LOADED, predicted) == expected


@pytest.mark.parametrize("predicted", [None, "ok", "drift", "blocked", "unknown"])
def test_a_refusal_is_enough_where_it_was_foretold_and_a_crash_never(
    predicted: Answer | None,
) -> None:
    assert is_expected(REFUSED, predicted) == (predicted == "blocked")
    assert not is_expected(CRASHED, predicted)


def test_what_was_seen_most_counts_and_a_failure_before_a_load() -> None:
    assert final([LOADED, REFUSED, LOADED]) == LOADED
    assert final([LOADED, REFUSED]) == REFUSED
    assert final([LOADED, REFUSED, CRASHED]) == REFUSED


def test_counts_are_told_of_repeated_tries_only() -> None:
    assert counts([REFUSED]) == {}
    assert counts([REFUSED, LOADED, REFUSED]) == {"loaded": 1, "refused": 2}
