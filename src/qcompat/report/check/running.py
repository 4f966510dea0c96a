"""Judgements of a guest that runs, or ran when it was saved, as text and as JSON: a target each.

A finding says what it stands on: what the running guest sends was seen on it; what a build offers,
or does with a guest, is derived from its twin.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from qcompat.app.check import Checked
from qcompat.app.running.check_now import CheckedNow
from qcompat.portrait.portrait import Portrait
from qcompat.report.check.answers import CheckAnswer
from qcompat.report.check.document import judgement_members
from qcompat.report.check.text import write as write_check
from qcompat.report.output import Output
from qcompat.report.verdict import exit_members
from qcompat.rules.finding import Finding
from qcompat.rules.registry import RULES

_SEEN = ("memory", "sections")
_STANDS_ON = {
    True: "seen on the guest itself",
    False: "derived from its twin",
}


def stands_on(finding: Finding, source: Portrait) -> str:
    """What a finding on the way forward stands on; `source` is the portrait of the guest."""
    is_seen = bool(finding.subject.section) or RULES[finding.rule].stage in _SEEN
    return _STANDS_ON[is_seen and not source.lacks_state]


def write(answer: CheckedNow, out: Output) -> None:
    """Each judgement as `check` prints it, and what its findings stand on."""
    for number, check in enumerate(answer.checks):
        if number:
            out.console.print()
        write_check(CheckAnswer(check.judgement), out)
        _write_stands_on(check, out)


def _write_stands_on(check: Checked, out: Output) -> None:
    findings = check.judgement.forward.findings
    shown = [f for f in findings if out.verbose or f.certainty != "possible"]
    for words in _STANDS_ON.values():
        rules = dict.fromkeys(f.rule for f in shown if stands_on(f, check.source) == words)
        if rules:
            out.console.print(Text(f"  {words}: {', '.join(rules)}", "dim"))


def write_document(answer: CheckedNow, out: Output) -> None:
    """`qcompat.check-running/2`."""
    now = answer.now
    document = {
        "schema": "qcompat.check-running/2",
        "moment": now.portrait.moment,
        "pause_ms": now.pause,
        "targets": [
            {
                **judgement_members(check.judgement),
                "stands_on": _by_rule(check),
            }
            for check in answer.checks
        ],
        **exit_members(out.exit),
    }
    out.write_document(document)


def _by_rule(check: Checked) -> Mapping[str, str]:
    findings = check.judgement.forward.findings
    return {finding.rule: stands_on(finding, check.source) for finding in findings}
