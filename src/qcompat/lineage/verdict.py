"""The verdict for a guest with its history on its way to a build.

A break that only the state from before a reset shows is left open: whether that state is still
there depends on what the guest's drivers did; the running guest can be asked.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.lineage.carried import Carried
from qcompat.portrait.portrait import Portrait
from qcompat.rules.finding import Finding
from qcompat.rules.subject import Subject
from qcompat.verdict.judge import judge
from qcompat.verdict.judgement import Verdict, answer, gravity


def verdict_on(guest: Carried, target: Portrait) -> Verdict:
    """Can this guest, with its history, go to the build whose portrait of it is `target`?"""
    verdict = judge(guest.portrait, target).forward
    if verdict.verdict == "blocked":
        return verdict
    left_open = tuple(_left_open(guest, target, verdict))
    findings = tuple(sorted((*verdict.findings, *left_open), key=gravity))
    return Verdict(answer(findings), findings)


def _left_open(guest: Carried, target: Portrait, verdict: Verdict) -> Iterator[Finding]:
    known = {_what(finding) for finding in verdict.findings if _bars(finding)}
    for former in guest.former:
        for finding in judge(former, target).forward.findings:
            if _bars(finding) and _what(finding) not in known:
                known.add(_what(finding))
                yield _open(finding)


def _what(finding: Finding) -> tuple[str, Subject]:
    return finding.rule, finding.subject.thing


def _bars(finding: Finding) -> bool:
    return finding.promise == "loads" and finding.certainty != "possible"


def _open(finding: Finding) -> Finding:
    return msgspec.structs.replace(
        finding,
        certainty="possible",
        undecided=True,
        was_reset=True,
    )
