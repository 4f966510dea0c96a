"""What a guest takes along over a build on the way, so that a detour does not shed it.

A build keeps the values that it loads (queue sizes, registers, checked values, lengths of
memory blocks) and sends them on; how it writes them (which sections, subsections, versions and
layout) is its own. So a finding about a value that the target refuses stands after any detour,
one about a form falls with the form.
"""

from __future__ import annotations

from collections.abc import Iterable

from qcompat.rules.finding import Finding
from qcompat.rules.registry import RULES
from qcompat.verdict.answer import answer
from qcompat.verdict.judgement import Answer, Verdict


def carried(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that a detour does not shed, among those that bar loading."""
    return tuple(f for f in findings if f.promise == "loads" and RULES[f.rule].travels)


def after_detour(direct: Verdict, second: Verdict) -> Answer:
    """The answer for the second hop of a guest that took the detour.

    `direct` is the verdict without it, `second` that of a guest born at the stop on the way.
    """
    return answer((*second.findings, *carried(direct.findings)))
