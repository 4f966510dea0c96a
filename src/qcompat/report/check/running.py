"""Judgements of a guest that runs, or ran when it was saved, as text and as JSON: a target each.

A finding says what it stands on: what the running guest sends was seen on it; what a build offers,
or does with a guest, is derived from its twin.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from qcompat.app.running.check_now import CheckedNow
from qcompat.report.check.answers import CheckAnswer
from qcompat.report.check.document import judgement_members
from qcompat.report.check.text import write as write_check
from qcompat.report.output import Output
from qcompat.rules.finding import Finding
from qcompat.rules.registry import RULES
from qcompat.verdict.judgement import Verdict

_SEEN = ("memory", "sections")
_STANDS_ON = {
    True: "seen on the guest itself",
    False: "derived from its twin",
}


def stands_on(finding: Finding) -> str:
    """What a finding on the way forward stands on."""
    is_seen = bool(finding.subject.section) or RULES[finding.rule].stage in _SEEN
    return _STANDS_ON[is_seen]


def write(answer: CheckedNow, out: Output) -> None:
    """Each judgement as `check` prints it, and what its findings stand on."""
    for number, check in enumerate(answer.checks):
        if number:
            out.console.print()
        write_check(CheckAnswer(check.judgement), out)
        _write_stands_on(check.judgement.forward, out)


def _write_stands_on(forward: Verdict, out: Output) -> None:
    shown = [f for f in forward.findings if out.verbose or f.certainty != "possible"]
    for words in _STANDS_ON.values():
        rules = dict.fromkeys(f.rule for f in shown if stands_on(f) == words)
        if rules:
            out.console.print(Text(f"  {words}: {', '.join(rules)}", "dim"))


def write_document(answer: CheckedNow, out: Output) -> None:
    """`qcompat.check-running/1`."""
    now = answer.now
    document = {
        "schema": "qcompat.check-running/1",
        "moment": now.portrait.moment,
        "pause_ms": now.pause,
        "targets": [
            {
                **judgement_members(check.judgement),
                "stands_on": _by_rule(check.judgement.forward),
            }
            for check in answer.checks
        ],
    }
    out.write_document(document)


def _by_rule(forward: Verdict) -> Mapping[str, str]:
    return {finding.rule: stands_on(finding) for finding in forward.findings}
