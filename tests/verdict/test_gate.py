"""What an exit code counts."""

from __future__ import annotations

import pytest

from qcompat.cli.options import gate as options
from qcompat.rules.effect import When
from qcompat.rules.finding import Certainty, Finding, Promise
from qcompat.rules.subject import GUEST
from qcompat.verdict import goal
from qcompat.verdict.gate import Gate
from qcompat.verdict.goal import GOALS, Goal
from qcompat.verdict.judgement import Verdict, answer


def finding(
    promise: Promise, when: When, certainty: Certainty = "certain", *, undecided: bool = False
) -> Finding:
    return Finding("a_rule", promise, certainty, GUEST, {}, undecided=undecided, when=when)


def verdict(*findings: Finding) -> Verdict:
    return Verdict(answer(findings), findings)


NOW, RESET = finding("unchanged", "now"), finding("unchanged", "reset")
BAR, RISK = finding("loads", "load"), finding("loads", "load", "possible")
OPEN_NOW = finding("unchanged", "now", "possible", undecided=True)
OPEN_RESET = finding("unchanged", "reset", "possible", undecided=True)
OPEN = finding("loads", "load", "possible", undecided=True)


@pytest.mark.parametrize(
    ("findings", "word", "codes"),
    [
        ((), "ok", (0, 0, 0)),
        ((RESET,), "drift at reset", (0, 0, 1)),
        ((RESET, NOW), "drift", (0, 1, 1)),
        ((BAR, RESET), "blocked", (1, 1, 1)),
        ((OPEN,), "unknown", (3, 3, 3)),
        ((OPEN_NOW,), "unknown", (0, 3, 3)),
        ((OPEN_RESET,), "unknown", (0, 0, 3)),
        ((OPEN_RESET, NOW), "unknown", (0, 1, 3)),
        ((RISK,), "ok", (0, 0, 0)),
        ((finding("returns", "load"),), "ok", (0, 0, 0)),
    ],
)
def test_promises_decide_what_the_exit_code_counts(
    findings: tuple[Finding, ...], word: str, codes: tuple[int, int, int]
) -> None:
    said = verdict(*findings)
    assert said.word == word
    assert tuple(Gate(each).exit_code(said) for each in GOALS) == codes


@pytest.mark.parametrize("each", GOALS)
def test_a_strict_gate_does_not_let_a_risk_pass(each: Goal) -> None:
    assert Gate(each, is_strict=True).exit_code(verdict(RISK)) == 3
    assert Gate(each, is_strict=True).exit_code(verdict(RISK, BAR)) == 1
    assert Gate(each, is_strict=True).exit_code(verdict()) == 0


def test_an_answer_that_nothing_was_found_for_counts_for_every_promise() -> None:
    assert {Gate(each).exit_code(Verdict("unknown", ())) for each in GOALS} == {3}


def test_the_command_line_offers_the_same_promises() -> None:
    assert options.GOALS == GOALS
    assert options.USUAL == goal.USUAL
