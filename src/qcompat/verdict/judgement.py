"""What a judgement is: a verdict for each direction between two portraits."""

from __future__ import annotations

from typing import Literal

import msgspec

from qcompat.guest.guest import Guest, Uncovered
from qcompat.portrait.portrait import Gap
from qcompat.rules.finding import Finding

Answer = Literal["ok", "drift", "blocked", "unknown"]


class Verdict(msgspec.Struct, frozen=True):
    """One direction: the answer and the findings it follows from, gravest first."""

    verdict: Answer
    findings: tuple[Finding, ...]


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
