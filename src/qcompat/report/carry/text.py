"""What the next start of a guest needs: the settings, the line, and what was observed."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from qcompat.app.lineage.carry import Carry
from qcompat.lineage.marks import to_set
from qcompat.report.carry.document import lost_lines
from qcompat.report.lineage.parts import (
    how,
    spelled,
    write_answer,
    write_findings,
)
from qcompat.report.lineage.start import write_start_line
from qcompat.report.output import Output
from qcompat.report.remedy.text import write_forms
from qcompat.report.remedy.written import forms_of_start
from qcompat.report.repair.words import instead_of, reasons_of
from qcompat.report.terminal.layout import columns, hang, plain, unbroken


def write(answer: Carry, out: Output) -> None:
    """The answer and what to set first, in the forms wanted; then why, then disagreements."""
    console, verdict = out.console, answer.verdict.verdict
    guest = f"{answer.guest}  " if answer.guest else ""
    way = f"{guest}{answer.source} → {answer.target}  "
    write_answer(way, answer.verdict, answer.held, out)
    if answer.lacking:
        hang(console, Text("  "), plain(answer.lacking))
    _write_settings(answer, out)
    write_findings(answer.verdict, console)
    if answer.has_state:
        console.print(Text("  judged by the device state of the running guest", "dim"))
    _write_reasons(answer, console)
    _write_plugged(answer, console)
    _write_disagreements(answer, console)
    _write_gaps(answer, console)
    if verdict != "blocked":
        write_start_line(f"start line on {answer.target}", answer.start, out)


def _write_settings(answer: Carry, out: Output) -> None:
    console = out.console
    if not answer.held and answer.verdict.verdict == "blocked":
        return
    if not answer.held:
        line = answer.line
        is_own = not answer.start.changes and not (line and (line.came or line.went))
        own = "the guest's own arguments" if is_own else "the line below"
        console.print(Text(f"\nnothing to set beyond {own}", "bold"))
        return
    console.print(Text("\nset these there, and at every later start until power-off", "bold"))
    for held in answer.held:
        unbroken(console, plain(f"  {spelled(held.setting)}"))
        hang(console, Text("    "), plain(how(held, held.setting in answer.new)))
    if to_set(answer.held):
        forms = forms_of_start(to_set(answer.held), answer.own, answer.start.words)
        write_forms(forms, out)


def _write_reasons(answer: Carry, console: Console) -> None:
    lost = lost_lines(answer)
    end = answer.unrepairable
    reasons = (*reasons_of(end), *instead_of(end)) if end else ()
    _write_list("cannot be kept there", lost, console)
    _write_list("no property helps", reasons, console)


def _write_list(title: str, lines: tuple[str, ...], console: Console) -> None:
    if lines:
        console.print(Text(f"\n{title}", "bold"))
    for line in lines:
        hang(console, Text("  "), plain(line))


def _write_plugged(answer: Carry, console: Console) -> None:
    line = answer.line
    if line is None or not (line.came or line.went):
        return
    console.print(Text("\nsince its start, and so in the line", "bold"))
    rows = [("plugged in", each.name) for each in line.came]
    rows += [("unplugged", each.name) for each in line.went]
    columns(console, 2, [(plain(what), plain(name)) for what, name in rows])


def _write_disagreements(answer: Carry, console: Console) -> None:
    if not answer.disagreements:
        return
    record = "its record" if answer.is_recorded else "its arguments"
    title = f"the running guest differs from {record}; the guest counts"
    console.print(Text(f"\n{title}", "bold yellow"))
    rows = [
        (plain(each.what), plain(f"not {_value(each.recorded)}, but {_value(each.observed)}"))
        for each in answer.disagreements
    ]
    columns(console, 2, rows)


def _value(value: str | None) -> str:
    return "none" if value is None else value


def _write_gaps(answer: Carry, console: Console) -> None:
    if answer.gaps:
        console.print(Text("\nnot known about the running guest", "bold"))
        columns(console, 2, [(plain(gap.part), plain(gap.reason)) for gap in answer.gaps])
