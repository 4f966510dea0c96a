"""How findings are weighed."""

from __future__ import annotations

import pytest

from qcompat.rules.finding import Certainty, Finding, Promise
from qcompat.rules.subject import GUEST
from qcompat.verdict.judgement import Answer, answer, gravity


def finding(promise: Promise, certainty: Certainty, *, undecided: bool = False) -> Finding:
    return Finding("a_rule", promise, certainty, GUEST, {}, (), undecided=undecided)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([], "ok"),
        ([finding("unchanged", "possible")], "ok"),
        ([finding("loads", "possible")], "ok"),
        ([finding("returns", "certain")], "ok"),
        ([finding("unchanged", "likely")], "drift"),
        (
            [finding("unchanged", "certain"), finding("loads", "possible", undecided=True)],
            "unknown",
        ),
        ([finding("loads", "certain"), finding("loads", "possible", undecided=True)], "blocked"),
        ([finding("unchanged", "certain"), finding("loads", "likely")], "blocked"),
    ],
)
def test_answer_follows_from_the_gravest_finding(findings: list[Finding], expected: Answer) -> None:
    assert answer(findings) == expected


def test_findings_are_told_gravest_first() -> None:
    told = sorted(
        [
            finding("unchanged", "possible"),
            finding("loads", "possible"),
            finding("unchanged", "certain"),
            finding("loads", "possible", undecided=True),
            finding("loads", "certain"),
        ],
        key=gravity,
    )
    assert [(each.promise, each.certainty, each.undecided) for each in told] == [
        ("loads", "certain", False),
        ("loads", "possible", True),
        ("loads", "possible", False),
        ("unchanged", "certain", False),
        ("unchanged", "possible", False),
    ]
