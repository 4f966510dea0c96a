"""A guest's next move: the verdict, what must be set, and the line to paste."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from qcompat.app.lineage.move import PlannedMove
from qcompat.lineage.lineage import powered_on
from qcompat.lineage.marks import to_set
from qcompat.report.lineage.answers import GuestMove
from qcompat.report.lineage.parts import (
    how,
    spelled,
    write_answer,
    write_findings,
)
from qcompat.report.lineage.start import write_start_line
from qcompat.report.output import Output
from qcompat.report.remedy.text import write_forms
from qcompat.report.repair.words import instead_of, reasons_of
from qcompat.report.terminal.layout import hang, plain, unbroken

_WHY_NOT = {
    "blocked": "by this verdict the guest cannot run there",
    "unknown": "it is not known whether the guest can run there",
}


def write(answer: GuestMove, out: Output) -> None:
    """The answer, what it takes, why not better; then what was recorded."""
    console, before, move = out.console, answer.before, answer.move
    way = f"{before.name}  {powered_on(before).current.build} → {move.target}  "
    write_answer(way, move.verdict, move.held, out)
    if move.lacking:
        hang(console, Text("  "), plain(move.lacking))
    _write_held(move, console)
    if to_set(move.held):
        write_forms(answer.forms(), out)
    write_findings(move.verdict, console)
    _write_reasons(move, console)
    if move.verdict.verdict != "blocked" or answer.is_recorded:
        write_start_line(f"start line on {move.target}", move.start, out)
    _write_end(move, answer.is_recorded, console)


def _write_held(move: PlannedMove, console: Console) -> None:
    if not move.held and move.verdict.verdict == "blocked":
        return
    if not move.held:
        console.print(Text("\nmarks: none needed", "bold"))
        return
    console.print(Text("\nmarks", "bold"))
    new = set(move.new)
    for held in move.held:
        unbroken(console, plain(f"  {spelled(held.setting)}"))
        hang(console, Text("    "), plain(how(held, held.setting in new)))


def _write_reasons(move: PlannedMove, console: Console) -> None:
    if move.unrepairable:
        console.print(Text("\nno property helps", "bold"))
        for line in (*reasons_of(move.unrepairable), *instead_of(move.unrepairable)):
            hang(console, Text("  "), plain(line))


def _write_end(move: PlannedMove, is_recorded: bool, console: Console) -> None:
    console.print()
    if is_recorded:
        hang(console, Text(), plain(f"recorded: it runs on {move.target} now"))
    elif move.verdict.verdict in _WHY_NOT:
        why = _WHY_NOT[move.verdict.verdict]
        hang(console, Text(), plain(f"not recorded: {why}; if it does, add --anyway"))
    else:
        hang(console, Text(), plain("nothing recorded"))
