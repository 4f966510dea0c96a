"""Findings as GitLab's code quality report, which merge requests show."""

from __future__ import annotations

import hashlib

from qcompat.report.output import Output
from qcompat.report.source.answers import SourceLint
from qcompat.report.source.sentences import pasted, sentence
from qcompat.source.lint import Finding

_SEVERITIES = {"breaks": "critical", "suspicious": "minor", "unknown": "info"}


def write(answer: SourceLint, out: Output) -> None:
    """A list of issues; what is harmless or intended is none."""
    issues = [_issue(each) for each in answer.found if each.severity in _SEVERITIES]
    out.write_document(issues)


def _issue(each: Finding) -> dict[str, object]:
    place = each.here or each.there
    paste = f" Paste into {each.table}: {' '.join(pasted(each))}" if each.entries else ""
    name = f"{each.lint} {each.subject} {each.before} {each.after}"
    return {
        "description": sentence(each) + paste,
        "check_name": each.lint,
        "fingerprint": hashlib.sha256(name.encode()).hexdigest(),
        "severity": _SEVERITIES[each.severity],
        "location": {
            "path": place.file if place else "VERSION",
            "lines": {"begin": place.line if place else 1},
        },
    }
