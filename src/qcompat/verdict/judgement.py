"""What a judgement is, and how the answer of one direction follows from its findings.

blocked   a finding breaks `loads` and is proven, certain or likely
unknown   else, a finding leaves open whether `loads` or `unchanged` is kept
drift     else, a finding breaks `unchanged` and is proven, certain or likely; where the guest meets
          all of them only after its next reset, it is a drift at reset (`when`)
ok        else; findings that are only possible do not change the answer. One that breaks `loads`
          is named with it (`may_refuse`)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import msgspec

from qcompat.guest.guest import Guest, Uncovered
from qcompat.portrait.portrait import Gap
from qcompat.rules.effect import WHENS, When
from qcompat.rules.finding import Certainty, Finding, Promise
from qcompat.rules.registry import RULES
from qcompat.verdict.goal import Goal, counted

Answer = Literal["ok", "drift", "blocked", "unknown"]
PROMISES: tuple[Promise, ...] = get_args(Promise)
CERTAINTIES: tuple[Certainty, ...] = get_args(Certainty)


class Verdict(msgspec.Struct, frozen=True):
    """One direction: the answer and the findings it follows from, gravest first."""

    verdict: Answer
    findings: tuple[Finding, ...]

    @property
    def tried(self) -> Answer:
        """The answer for the guest as a twin has it: what a real load of that can contradict."""
        return tried(self.verdict, self.findings)

    @property
    def may_refuse(self) -> tuple[Finding, ...]:
        """For what a target that loads the twin may refuse the guest, by what that did since."""
        return () if self.verdict == "blocked" else tuple(filter(is_risk, self.findings))

    @property
    def when(self) -> When | None:
        """When the guest first meets a change, of a drift; None for any other answer."""
        return when_of(self.verdict, self.findings)

    @property
    def word(self) -> str:
        """The answer as it is said."""
        return word_of(self.verdict, self.findings)

    def about(self, goal: Goal) -> Answer:
        """The answer, where only the promises of the goal count."""
        return about(self.verdict, self.findings, goal)


class Judgement(msgspec.Struct, frozen=True):
    """Both directions between the builds named `source` and `target` for one guest.

    `uncovered` lists what of the guest no portrait shows, `gaps` what could not be learned. The
    answer stands on `accel`, which ran the guest, and on captures of these `hosts`, if any.
    """

    source: str
    target: str
    guest: Guest
    forward: Verdict
    back: Verdict
    uncovered: tuple[Uncovered, ...] = ()
    gaps: tuple[Gap, ...] = ()
    accel: str = ""
    hosts: tuple[str, ...] = ()


def answer(findings: Sequence[Finding]) -> Answer:
    """The answer that follows from all findings of one direction."""
    if any(_breaks(finding, "loads") for finding in findings):
        return "blocked"
    if any(finding.promise in ("loads", "unchanged") and finding.undecided for finding in findings):
        return "unknown"
    if any(_breaks(finding, "unchanged") for finding in findings):
        return "drift"
    return "ok"


def tried(whole: Answer, findings: Sequence[Finding]) -> Answer:
    """The answer `whole`, without the findings about parts that no twin has."""
    rest = [finding for finding in findings if not RULES[finding.rule].is_uncovered]
    return whole if len(rest) == len(findings) else answer(rest)


def when_of(whole: Answer, findings: Sequence[Finding]) -> When | None:
    """When the guest first meets a change, of a drift."""
    if whole != "drift":
        return None
    breaking = [finding.when for finding in findings if _breaks(finding, "unchanged")]
    return "reset" if breaking and set(breaking) == {"reset"} else "now"


def word_of(whole: Answer, findings: Sequence[Finding]) -> str:
    """An answer as it is said: `drift at reset` where the running guest notices nothing."""
    return "drift at reset" if when_of(whole, findings) == "reset" else whole


def about(whole: Answer, findings: Sequence[Finding], goal: Goal) -> Answer:
    """The answer `whole`, where only the promises of the goal count.

    One that does not follow from the findings (nothing could be asked) stays what it is.
    """
    if whole == answer(findings):
        return answer(counted(findings, goal))
    return "ok" if whole == "drift" and goal == "loads" else whole


def is_risk(finding: Finding) -> bool:
    """Whether it depends on what the guest did that the target refuses it."""
    is_open = finding.certainty == "possible" and not finding.undecided
    return finding.promise == "loads" and is_open


def gravity(finding: Finding) -> tuple[int, int, int, int]:
    """Sort key: what breaks loading, then what was left open, then what is met first; certainty."""
    promise = PROMISES.index(finding.promise)
    is_sure = finding.certainty != "possible"
    is_open = finding.undecided and finding.promise != "returns"
    rank = 1 if is_open else 0 if is_sure else 2
    is_late = promise > 0 and not is_open
    met, sure = WHENS.index(finding.when), CERTAINTIES.index(finding.certainty)
    return (3 + rank if is_late else rank, promise, met, sure)


def is_breaking(finding: Finding) -> bool:
    """Whether an answer follows from it: it breaks `loads` or `unchanged`, and that is sure."""
    return _breaks(finding, "loads") or _breaks(finding, "unchanged")


def _breaks(finding: Finding, promise: str) -> bool:
    is_sure = finding.certainty in ("proven", "certain", "likely")
    return finding.promise == promise and is_sure and not finding.undecided
