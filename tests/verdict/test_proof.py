"""A load that ends otherwise than the verdict said is a contradiction, state by state."""

from __future__ import annotations

import pytest

from qcompat.qemu.outcome import Outcome
from qcompat.verdict.judgement import Answer, Verdict
from qcompat.verdict.proof import Contradiction, Proof, contradictions

LOADED, REFUSED = Outcome("loaded"), Outcome("refused")
BLOCKED, OK = Verdict("blocked", ()), Verdict("ok", ())


def test_loads_that_end_as_the_verdicts_say_contradict_nothing() -> None:
    assert contradictions(Proof(REFUSED, LOADED, LOADED), BLOCKED, OK, OK) == ()


def test_each_state_is_weighed_on_its_own() -> None:
    assert contradictions(Proof(LOADED, REFUSED, REFUSED), BLOCKED, OK, OK) == (
        Contradiction("without", "blocked", LOADED),
        Contradiction("with", "ok", REFUSED),
        Contradiction("back", "ok", REFUSED),
    )


@pytest.mark.parametrize(
    ("verdict", "outcome"), [("unknown", LOADED), ("ok", Outcome("no_stream"))]
)
def test_what_was_left_open_or_not_sent_contradicts_nothing(
    verdict: Answer, outcome: Outcome
) -> None:
    assert contradictions(Proof(outcome), Verdict(verdict, ()), None, None) == ()


def test_a_proof_holds_where_the_remedy_makes_the_difference() -> None:
    assert Proof(REFUSED, LOADED).holds
    assert not Proof(LOADED, LOADED).holds
    assert not Proof(REFUSED, REFUSED).holds
    assert Proof(LOADED, LOADED, same_processor=(False, True)).holds
