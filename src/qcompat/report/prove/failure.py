"""Why a hop failed, for a reader at a terminal: what it means, QEMU's words, the finding."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from qcompat.report.finding import subject_text, summary_text
from qcompat.report.terminal.layout import hang, plain, unbroken
from qcompat.rules.finding import Finding
from qcompat.trial.cause import words_of
from qcompat.trial.trial import Check, Hop

_MOST_LINES = 6


def write_failure(hop: Hop, console: Console) -> None:
    """Print the cause, what QEMU said, and what had been predicted."""
    if hop.cause:
        subject = subject_text(hop.cause.subject)
        subject = f"{subject}: " if subject else ""
        _row("why", plain(f"{subject}{hop.cause.means}"), console)
    elif broken := [check for check in hop.checks if check.saw == "broken"]:
        _row("why", plain("; ".join(map(_broken, broken))), console)
    for number, line in enumerate(_said(hop)):
        _row("" if number else "QEMU", plain(line), console)
    if hop.finding:
        _write_finding(hop.finding, console)
    elif hop.predicted == "blocked" and hop.findings:
        first = summary_text(hop.findings[0])
        _row("finding", plain(f"none predicted this; the first says: {first}"), console)


def _broken(check: Check) -> str:
    return f"{check.what}: {check.before} → {check.after}"


def _said(hop: Hop) -> list[str]:
    if hop.cause and hop.cause.said:
        return [hop.cause.said]
    lines = [line for line in words_of(hop.outcome).splitlines() if line.strip()]
    return lines[-_MOST_LINES:]


def _write_finding(finding: Finding, console: Console) -> None:
    _row("finding", plain(summary_text(finding)), console)
    _row("", Text(f"{finding.certainty}, rule {finding.rule}", "dim"), console)
    if finding.remedy:
        _row("remedy", Text("set on the target:", "green"), console)
        for line in finding.remedy.splitlines():
            unbroken(console, Text(" " * 9).append_text(plain(line)))


def _row(title: str, body: Text, console: Console) -> None:
    hang(console, Text(f"{title:9}", "bold"), body)
