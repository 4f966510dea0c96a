"""Which build of a baseline corresponds to which build of a run."""

from __future__ import annotations

import pytest

from qcompat.errors import UsageError
from qcompat.trial.matrix.build_matching import match_builds, match_names
from tests.report.matrix.matrices import cell, matrix

OK = cell()


def test_two_builds_left_over_are_not_guessed() -> None:
    assert match_names(["a", "b", "c"], ["a", "x", "y"], {}) == {"a": "a"}


def test_same_says_which_build_stands_for_which() -> None:
    same = {"b": "x", "c": "y"}
    assert match_names(["a", "b", "c"], ["a", "x", "y"], same) == {"a": "a"} | same


def test_same_goes_before_a_name() -> None:
    assert match_names(["a-1", "a-2"], ["a-2"], {"a-1": "a-2"}) == {"a-1": "a-2"}


@pytest.mark.parametrize(
    ("same", "word"),
    [
        ({"d": "x"}, "baseline"),
        ({"b": "z"}, "this run"),
        ({"b": "x", "c": "x"}, "cannot both be"),
    ],
)
def test_same_that_makes_no_sense_is_refused(same: dict[str, str], word: str) -> None:
    with pytest.raises(UsageError, match=word):
        match_names(["a", "b", "c"], ["a", "x", "y"], same)


def test_runs_without_a_common_build_are_refused() -> None:
    with pytest.raises(UsageError, match="share no build") as refused:
        match_builds(matrix(OK), ["x-1", "x-2"], "kvm")
    assert "--same" in refused.value.hint


def test_runs_with_different_accelerators_are_refused() -> None:
    with pytest.raises(UsageError, match="tcg"):
        match_builds(matrix(OK), ["a-1", "a-2"], "tcg")
