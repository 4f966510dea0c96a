"""A guest's next move: the verdict, what must be set, and the line to paste."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from qcompat.app.lineage.move import Move
from qcompat.lineage.holding import to_say
from qcompat.lineage.lineage import Lineage, living
from qcompat.report.finding import in_words
from qcompat.report.lineage.answer import write_answer, write_findings
from qcompat.report.lineage.held import how
from qcompat.report.lineage.setting import pasted, spelled
from qcompat.report.output import write_document
from qcompat.report.remedy.form import Form
from qcompat.report.remedy.forms import forms_of_start
from qcompat.report.remedy.written import members, write_forms
from qcompat.report.repair.document import unrepairable
from qcompat.report.repair.words import instead_of, reasons_of
from qcompat.report.terminal.layout import hang, plain, unbroken

SCHEMA = "qcompat.guest-move/2"


def write_text(
    before: Lineage,
    move: Move,
    is_recorded: bool,
    console: Console,
    forms: Sequence[str] = ("qemu",),
) -> None:
    """The answer, what it takes in the `forms` wanted, why not better; then what was recorded."""
    way = f"{before.name}  {living(before).here.build} → {move.target}  "
    write_answer(way, move.verdict, move.held, console)
    if move.lacking:
        hang(console, Text("  "), plain(move.lacking))
    _write_held(move, console)
    if to_say(move.held):
        write_forms(_forms(before, move), forms, console)
    write_findings(move.verdict, console)
    _write_reasons(move, console)
    if (move.verdict.verdict != "blocked" or is_recorded) and "qemu" in forms:
        console.print(Text(f"\nstart line on {move.target}", "bold"))
        unbroken(console, plain("  " + pasted(move.arguments)))
    _write_end(move, is_recorded, console)


def _forms(before: Lineage, move: Move) -> Mapping[str, Form]:
    return forms_of_start(to_say(move.held), living(before).born.arguments, move.arguments)


def _write_held(move: Move, console: Console) -> None:
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


def _write_reasons(move: Move, console: Console) -> None:
    if move.unrepairable:
        console.print(Text("\nno property helps", "bold"))
        for line in (*reasons_of(move.unrepairable), *instead_of(move.unrepairable)):
            hang(console, Text("  "), plain(line))


def _write_end(move: Move, is_recorded: bool, console: Console) -> None:
    console.print()
    if is_recorded:
        hang(console, Text(), plain(f"recorded: it lives on {move.target} now"))
    elif move.verdict.verdict == "blocked":
        hang(
            console,
            Text(),
            plain(
                "not recorded: by this verdict the guest cannot have got "
                "there; if it did, add --anyway"
            ),
        )
    else:
        hang(console, Text(), plain("nothing recorded"))


def write_json(before: Lineage, grown: Lineage, move: Move, is_recorded: bool, out: TextIO) -> None:
    """All of it; `is_recorded` tells whether the lineage was changed."""
    write_document({"schema": SCHEMA, **_document(before, grown, move, is_recorded)}, out)


def _document(before: Lineage, grown: Lineage, move: Move, is_recorded: bool) -> dict[str, Any]:
    return {
        "guest": before.name,
        "source": living(before).here.build,
        "target": move.target,
        "verdict": move.verdict.verdict,
        "findings": in_words(move.verdict.findings),
        "held": [{"setting": each.setting, "how": each.how} for each in move.held],
        "new": move.new,
        "unrepairable": unrepairable(move.unrepairable),
        "lacking": move.lacking,
        "forms": members(_forms(before, move)),
        "arguments": move.arguments,
        "is_recorded": is_recorded,
        "marks": living(grown).marks,
    }
