"""The answer for a guest with its history: one line, and the findings that it follows from."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from qcompat.lineage.event import Held
from qcompat.report.check.text import MEANINGS, STYLES, is_note
from qcompat.report.finding import called, summary_text
from qcompat.report.terminal.layout import hang, plain
from qcompat.verdict.judgement import Verdict


def write_answer(way: str, verdict: Verdict, held: Iterable[Held], console: Console) -> None:
    """Whether the guest can go, and whether that takes settings."""
    answer = verdict.verdict
    settled = " with the settings below" if any(each.how == "set" for each in held) else ""
    said = Text(answer, STYLES[answer]).append(f": {MEANINGS[answer]}{settled}", "not bold default")
    hang(console, Text(), plain(way) + said)


def write_findings(verdict: Verdict, console: Console) -> None:
    """What it follows from, without mere possibilities."""
    shown = [finding for finding in verdict.findings if not is_note(finding)]
    if shown:
        console.print(Text("\nfindings", "bold"))
    for number, finding in enumerate(shown, 1):
        hang(
            console,
            Text(f"{number:3}. "),
            plain(f"{called(finding.subject)}: {summary_text(finding)}"),
        )
