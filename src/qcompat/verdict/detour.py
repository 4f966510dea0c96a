"""What helps where no property does: a build on the way, or a power-off.

A build keeps the values that it loads (queue sizes, registers, checked values, lengths of
memory blocks) and sends them on; how it writes them (which sections, subsections, versions and
layout) is its own. So a finding about a value that the target refuses holds after any detour,
and a finding about a form does not.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from qcompat.qemu.outcome import Outcome
from qcompat.remedy.setting import Setting
from qcompat.rules.finding import Certainty, Finding
from qcompat.rules.registry import RULES
from qcompat.verdict.judgement import Answer, Verdict, answer


class Detour(msgspec.Struct, frozen=True):
    """A way over another build, `via`, and whether the guest gets to the target by it.

    `certainty` is `proven` where a real chain was made; `outcome` is how it ended then. `barred_by`
    names what `via` keeps and sends on, which the target refuses; empty where the detour helps.
    """

    source: str
    via: str
    target: str
    helps: bool
    certainty: Certainty
    barred_by: str = ""
    outcome: Outcome | None = None


class UntriedDetour(msgspec.Struct, frozen=True):
    """A build on the way about which nothing could be learned here: no answer, and why."""

    via: str
    reason: str


class PowerOff(msgspec.Struct, frozen=True):
    """Whether the guest can be shut down and started on the target, and what it must not set."""

    target: str
    helps: bool
    without: tuple[Setting, ...] = ()


def carried(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that hold after a detour, among those that bar loading."""
    return tuple(f for f in findings if f.promise == "loads" and RULES[f.rule].travels)


def after_detour(direct: Verdict, second: Verdict) -> Answer:
    """The answer for the second hop of a guest that took the detour.

    `direct` is the verdict without it, `second` that of a guest born at the stop on the way.
    """
    return answer((*second.findings, *carried(direct.findings)))
