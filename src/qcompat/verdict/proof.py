"""What real loads show of a remedy, and where they contradict the verdict."""

from __future__ import annotations

from typing import Literal

import msgspec

from qcompat.qemu.outcome import Outcome
from qcompat.verdict.judgement import Answer, Verdict

State = Literal["without", "with", "back"]
"""The target without the remedy and with it, and the source on the way back."""


class Proof(msgspec.Struct, frozen=True):
    """How the loads ended: on the target without and with the remedy, and back on the source.

    `with_it` and `back` are None where there was nothing to load: no remedy, or it did not load.
    `same_processor` says, without and with it, whether the loaded guest finds the processor
    features that it had on the source; None where that was not asked.
    """

    without: Outcome
    with_it: Outcome | None = None
    back: Outcome | None = None
    same_processor: tuple[bool, bool] | None = None

    @property
    def holds(self) -> bool:
        """Whether what was wrong without the remedy is right with it."""
        if self.with_it is None or not self.with_it.loads:
            return False
        return not self.without.loads or self.same_processor == (False, True)


class Contradiction(msgspec.Struct, frozen=True):
    """A load whose end contradicts the verdict of that state."""

    state: State
    verdict: Answer
    outcome: Outcome


def contradictions(
    proof: Proof | None, before: Verdict, after: Verdict | None, back: Verdict | None
) -> tuple[Contradiction, ...]:
    """Where the proof contradicts the verdicts without the remedy, with it, and of the way back."""
    if proof is None:
        return ()
    states: tuple[tuple[State, Verdict | None, Outcome | None], ...] = (
        ("without", before, proof.without),
        ("with", after, proof.with_it),
        ("back", back, proof.back),
    )
    return tuple(
        Contradiction(state, verdict.tried, outcome)
        for state, verdict, outcome in states
        if verdict and outcome and _disagree(verdict, outcome)
    )


def _disagree(verdict: Verdict, outcome: Outcome) -> bool:
    if verdict.tried == "unknown" or outcome.kind == "no_stream":
        return False
    return (verdict.tried in ("ok", "drift")) != outcome.loads
