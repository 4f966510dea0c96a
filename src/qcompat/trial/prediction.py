"""What was predicted of a hop: the verdict of two portraits, and the finding for a failure.

The verdict of fresh portraits is about a fresh guest. A guest that has run elsewhere brings what
it got there (queue sizes, the lengths of memory blocks), so a later hop is judged by the stream
that is really sent: it replaces the source's own in its portrait.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from qcompat.portrait.portrait import Portrait
from qcompat.rules.finding import Finding
from qcompat.trial.cause import Cause, cause_of, is_about
from qcompat.trial.trial import Hop, Trial
from qcompat.verdict.judge import judge
from qcompat.verdict.judgement import Answer

Ends = tuple[Portrait | str, Portrait | str]
"""The portraits of the source and the target, or why there is none."""

UNSEEN = "what a guest brings from elsewhere shows only in a canary by precopy"


class Prediction(msgspec.Struct, frozen=True):
    """The verdict and its findings; without one, `answer` is None and `lacking` says why."""

    answer: Answer | None = None
    findings: tuple[Finding, ...] = ()
    lacking: str = ""


def predict(ends: Ends) -> Prediction:
    """The verdict of the way from the first to the second."""
    source, target = ends
    if isinstance(source, Portrait) and isinstance(target, Portrait):
        verdict = judge(source, target).forward
        return Prediction(verdict.verdict, verdict.findings)
    return Prediction(lacking="; ".join(dict.fromkeys(e for e in ends if isinstance(e, str))))


def with_prediction(hop: Hop, prediction: Prediction, ends: Ends) -> Hop:
    """The hop with what was predicted and, where it failed, why."""
    source, target = (end if isinstance(end, Portrait) else None for end in ends)
    cause = hop.cause or cause_of(hop.outcome, source, target)
    return msgspec.structs.replace(
        hop,
        predicted=prediction.answer,
        findings=prediction.findings,
        unpredicted=prediction.lacking,
        cause=cause,
        finding=None if hop.outcome.loads else predicted_by(cause, prediction.findings),
    )


def with_first_prediction(trial: Trial, portraits: Sequence[Portrait | str]) -> Trial:
    """A trial whose streams were not kept, with the prediction of its first hop."""
    hops = [
        with_prediction(
            hop,
            predict((portraits[at], portraits[at + 1])) if at == 0 else Prediction(lacking=UNSEEN),
            (portraits[at], portraits[at + 1]),
        )
        for at, hop in enumerate(trial.hops)
    ]
    return msgspec.structs.replace(trial, hops=tuple(hops))


def predicted_by(cause: Cause | None, findings: Iterable[Finding]) -> Finding | None:
    """The finding that predicted the cause: of its rules and its device, or the nearest to that."""
    fatal = [finding for finding in findings if finding.promise == "loads"]
    if cause is None:
        whole = [finding for finding in fatal if finding.subject.is_whole_guest]
        return next(iter(whole or fatal), None) if whole or len(fatal) == 1 else None
    here = [finding for finding in fatal if is_about(cause, finding.subject)]
    of_rule = [finding for finding in fatal if finding.rule in cause.rules]
    both = [finding for finding in here if finding in of_rule]
    vague = [f for f in of_rule if f.subject.is_whole_guest or not cause.section]
    return next(iter([*both, *here, *vague]), None)
