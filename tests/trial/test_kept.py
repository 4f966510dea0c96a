"""Whether a trial keeps the promises that are counted."""

from __future__ import annotations

import msgspec
import pytest

from qcompat.guest.guest import Guest
from qcompat.qemu.outcome import Outcome
from qcompat.rules.effect import When
from qcompat.rules.finding import Finding
from qcompat.rules.subject import GUEST
from qcompat.trial.kept import kept
from qcompat.trial.trial import Check, Hop, Trial
from qcompat.verdict.gate import Gate, Kept
from qcompat.verdict.goal import Goal


def change(when: When) -> Finding:
    return Finding("bar_changed", "unchanged", "certain", GUEST, {}, when=when)


OK = Hop("a", "b", Outcome("loaded"), "ok")
DRIFTS = msgspec.structs.replace(OK, predicted="drift", findings=(change("now"),))
LATER = msgspec.structs.replace(OK, predicted="drift", findings=(change("reset"),))
SEEN = msgspec.structs.replace(OK, checks=(Check("PCI", "changed"),))
SEEN_AT_RESET = msgspec.structs.replace(SEEN, was_reset=True)
UNFORESEEN = msgspec.structs.replace(OK, predicted=None)
REFUSED = Hop("a", "b", Outcome("refused"), "blocked")


def trial(hop: Hop) -> Trial:
    return Trial(Guest("pc", ()), "canary", "precopy", ("a", "b"), (hop,))


@pytest.mark.parametrize(
    ("hop", "loads", "running", "unchanged"),
    [
        (OK, "kept", "kept", "kept"),
        (DRIFTS, "kept", "broken", "broken"),
        (LATER, "kept", "kept", "broken"),
        (SEEN, "kept", "broken", "broken"),
        (SEEN_AT_RESET, "kept", "kept", "broken"),
        (UNFORESEEN, "kept", "unknown", "unknown"),
        (REFUSED, "broken", "broken", "broken"),
    ],
)
def test_a_trial_is_counted_as_it_went_and_as_it_was_predicted(
    hop: Hop, loads: Kept, running: Kept, unchanged: Kept
) -> None:
    wanted: dict[Goal, Kept] = {"loads": loads, "running": running, "unchanged": unchanged}
    assert {goal: kept(trial(hop), Gate(goal)) for goal in wanted} == wanted


def test_a_strict_gate_leaves_a_risk_open() -> None:
    risk = Finding("state_unproven_on_target", "loads", "possible", GUEST, {}, when="load")
    hop = msgspec.structs.replace(OK, findings=(risk,))
    assert kept(trial(hop), Gate("loads", is_strict=True)) == "unknown"
