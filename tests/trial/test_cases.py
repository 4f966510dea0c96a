"""Trials that were kept as cases: what is said of them is held against what really happened.

`python -m tools.case FILE.tar.zst` adds one.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from qcompat.report.finding import summary_text
from qcompat.trial.cause import cause_of
from qcompat.trial.prediction import Prediction, predict, predicted_by
from tools.case import CASES, CaseHop, portraits_of, read_case

HOPS = [(place, hop) for place in sorted(CASES.iterdir()) for hop in read_case(place).hop]


def named(hops: list[tuple[Path, CaseHop]]) -> list[ParameterSet]:
    return [pytest.param(place, hop, id=f"{place.name}-{hop.number}") for place, hop in hops]


@pytest.mark.parametrize(("place", "hop"), named(HOPS))
def test_the_verdict_of_a_kept_trial_is_what_really_happened(place: Path, hop: CaseHop) -> None:
    prediction = predict(portraits_of(place, hop))
    expected = ("ok", "drift") if hop.really.loads else ("blocked",)
    assert prediction.answer in expected, _told(prediction)


@pytest.mark.parametrize(
    ("place", "hop"), named([each for each in HOPS if not each[1].really.loads])
)
def test_a_finding_names_the_cause_of_a_kept_refusal(place: Path, hop: CaseHop) -> None:
    ends = portraits_of(place, hop)
    cause = cause_of(hop.really, *ends)
    assert cause is not None
    finding = predicted_by(cause, predict(ends).findings)
    assert finding is not None
    assert finding.rule in cause.rules


def _told(prediction: Prediction) -> str:
    return "; ".join(f"{f.rule} {f.subject}: {summary_text(f)}" for f in prediction.findings)
