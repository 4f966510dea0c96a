"""Repetition: what is beyond doubt is run once, what fails or contradicts again."""

from __future__ import annotations

import pytest

from qcompat.guest.guest import Guest
from qcompat.qemu.outcome import Outcome
from qcompat.trial.repeat import AGAIN, TrialRun, repeat, reported_run
from qcompat.trial.trial import Check, Hop, Trial
from qcompat.verdict.judgement import Answer

LOADED, REFUSED = Outcome("loaded"), Outcome("refused", "no")


def trial(*outcomes: Outcome, predicted: Answer = "ok") -> Trial:
    hops = tuple(Hop("a", "b", outcome, predicted) for outcome in outcomes)
    names = tuple("ab"[at % 2] for at in range(3 if len(outcomes) > 1 else 2))
    return Trial(Guest("pc", ()), "canary", "precopy", names, hops)


class Trials:
    """Trials that come one after the other, the last one for ever."""

    def __init__(self, *trials: Trial) -> None:
        self._trials = trials
        self.made = 0

    async def __call__(self) -> TrialRun:
        self.made += 1
        return TrialRun(self._trials[min(self.made, len(self._trials)) - 1])


async def test_a_trial_that_works_as_predicted_is_made_once() -> None:
    once = Trials(trial(LOADED))
    run = await repeat(once)
    assert (once.made, run.trial.outcomes, run.trial.is_flaky) == (1, {}, False)


@pytest.mark.parametrize(
    "doubtful", [trial(REFUSED, predicted="blocked"), trial(LOADED, predicted="blocked")]
)
async def test_one_that_fails_or_contradicts_is_made_again(doubtful: Trial) -> None:
    once = Trials(doubtful)
    run = await repeat(once)
    assert once.made == 1 + AGAIN
    assert run.trial.outcomes == {doubtful.ending: 1 + AGAIN}
    assert not run.trial.is_flaky


async def test_one_that_ends_differently_is_flaky_with_its_counts_and_no_contradiction() -> None:
    run = await repeat(Trials(trial(REFUSED), trial(LOADED)))
    assert run.trial.outcomes == {"refused": 1, "loaded": 2}
    assert run.trial.is_flaky
    assert not run.trial.contradicts
    assert not run.trial.succeeds


async def test_it_is_made_as_often_as_asked_for_and_again_if_only_one_fails() -> None:
    once = Trials(trial(LOADED), trial(LOADED), trial(REFUSED), trial(LOADED))
    run = await repeat(once, 3, at_once=2)
    assert once.made == 3 + AGAIN
    assert run.trial.outcomes == {"loaded": 4, "refused": 1}


def test_hops_of_a_chain_that_fail_at_different_places_are_different_endings() -> None:
    first = trial(LOADED, REFUSED)
    assert first.ending == "refused at hop 2"
    assert trial(LOADED, LOADED).ending == "loaded"
    assert reported_run([TrialRun(first), TrialRun(trial(LOADED, LOADED))]).trial.is_flaky


def test_a_guest_in_which_something_broke_does_not_succeed() -> None:
    hop = Hop("a", "b", LOADED, checks=(Check("heartbeat", "broken", "12", "stopped"),))
    broken = Trial(Guest("pc", ()), "live", "precopy", ("a", "b"), (hop,))
    assert (broken.ending, broken.succeeds, hop.answer) == ("broken", False, "blocked")
