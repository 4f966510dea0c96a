"""The forms of a remedy for a reader at a terminal."""

from __future__ import annotations

from rich.text import Text

from qcompat.report.output import Output
from qcompat.report.remedy.written import Forms
from qcompat.report.terminal.layout import hang, plain, unbroken


def write_forms(forms: Forms, out: Output, *, indent: str = "") -> None:
    """Each form that is wanted, to be pasted as it is; what it cannot say follows as a comment."""
    for name in out.remedies:
        form = forms[name]
        out.console.print()
        hang(out.console, Text(indent), plain(form.title, "bold green"))
        for line in form.text.splitlines():
            unbroken(out.console, Text(f"{indent}  ").append_text(plain(line)))
        for note in form.notes:
            hang(out.console, Text(f"{indent}  # "), plain(note, "dim"))
