"""The line that starts a guest on a build, as text and as members of a document."""

from __future__ import annotations

import shlex

from rich.text import Text

from qcompat.app.start_line import StartLine
from qcompat.remedy.gone import Change
from qcompat.report.output import Output
from qcompat.report.terminal.layout import hang, plain, unbroken

_STAND_INS = "a portrait has stand-ins for disks, networks and the like: put yours in their places"


def start_members(start: StartLine) -> dict[str, object]:
    """The line's words, and what became of the user's own options in it."""
    return {
        "arguments": start.words,
        "changed": [
            {"option": shlex.join(e.given), "instead": shlex.join(e.words), "note": e.note}
            for e in start.changes
        ],
        "refused": [
            {"option": shlex.join(e.given), "message": e.message, "advice": e.advice}
            for e in start.unusable
        ],
        "untried": start.untried,
        "has_stand_ins": start.has_stand_ins,
    }


def write_start_line(title: str, start: StartLine, out: Output) -> None:
    """The whole command line for a POSIX shell, where QEMU's form of a remedy is wanted.

    A line that the build refuses is not printed: what has to be changed is.
    """
    if "qemu" not in out.remedies:
        return
    console = out.console
    if start.unusable:
        console.print(Text(f"\nno start line yet: {start.build} refuses", "bold red"))
        for each in start.unusable:
            advice = f"; {each.advice}" if each.advice else ""
            hang(console, Text("  "), plain(f"{shlex.join(each.given)}: {each.message}{advice}"))
        return
    console.print(Text(f"\n{title}", "bold"))
    unbroken(console, plain(f"  {shlex.join(start.words)}"))
    for change in start.changes:
        hang(console, Text("  # "), plain(_change(change), "dim"))
    if start.has_stand_ins:
        hang(console, Text("  # "), plain(_STAND_INS, "dim"))
    if start.untried:
        hang(console, Text("  # "), plain(f"not tried: {start.untried}", "dim"))


def _change(change: Change) -> str:
    given, words = shlex.join(change.given), shlex.join(change.words)
    if change.given == change.words:
        return f"{given}: {change.note}"
    if not change.given:
        what = f"{words} is new"
    elif not change.words:
        what = f"{given} is left out: this build does not have it"
    else:
        what = f"{words} in place of {given}"
    return f"{what}; {change.note}" if change.note else what
