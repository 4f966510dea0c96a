"""What a judgement is, and how the answer of one direction follows from its findings.

blocked   a finding breaks `loads` and is proven, certain or likely
unknown   else, a finding leaves open whether `loads` or `unchanged` is kept
drift     else, a finding breaks `unchanged` and is proven, certain or likely
ok        else; findings that are only possible do not change the answer. One that breaks `loads`
          is named with it (`may_refuse`)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import msgspec

from qcompat.guest.guest import Guest, Uncovered
from qcompat.portrait.portrait import Gap
from qcompat.rules.finding import Certainty, Finding, Promise
from qcompat.rules.registry import RULES

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

    def about(self, promise: Literal["loads", "unchanged"]) -> Answer:
        """The answer, where only this promise and those before it count."""
        opened = {finding.promise for finding in self.findings if finding.undecided}
        if promise == "loads" and self.verdict == "unknown" and opened == {"unchanged"}:
            return answer([finding for finding in self.findings if not finding.undecided])
        return self.verdict


class Judgement(msgspec.Struct, frozen=True):
    """Both directions between the builds named `source` and `target` for one guest.

    `uncovered` lists what of the guest no portrait shows, `gaps` what could not be learned.
    """

    source: str
    target: str
    guest: Guest
    forward: Verdict
    back: Verdict
    uncovered: tuple[Uncovered, ...] = ()
    gaps: tuple[Gap, ...] = ()


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


def is_risk(finding: Finding) -> bool:
    """Whether it depends on what the guest did that the target refuses it."""
    is_open = finding.certainty == "possible" and not finding.undecided
    return finding.promise == "loads" and is_open


def gravity(finding: Finding) -> tuple[int, int, int]:
    """Sort key: what breaks loading first, then what was left open, then by certainty."""
    promise = PROMISES.index(finding.promise)
    is_sure = finding.certainty != "possible"
    is_open = finding.undecided and finding.promise != "returns"
    rank = 1 if is_open else 0 if is_sure else 2
    is_late = promise > 0 and not is_open
    return (3 + rank if is_late else rank, promise, CERTAINTIES.index(finding.certainty))


def _breaks(finding: Finding, promise: str) -> bool:
    is_sure = finding.certainty in ("proven", "certain", "likely")
    return finding.promise == promise and is_sure and not finding.undecided
