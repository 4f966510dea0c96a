"""A remedy for QEMU's command line, quoted for a POSIX shell."""

from __future__ import annotations

import shlex

from qcompat.remedy.changed import Options
from qcompat.report.remedy.form import Changes, Form


def write(changes: Changes) -> Form:
    """The options to give, a line each; the notes name those that they replace."""
    return Form(
        "for QEMU's command line",
        "\n".join(_line(option, value) for option, value in changes.words),
        tuple(_note(option, value, changes.words) for option, value in changes.dropped),
    )


def _line(option: str, value: str) -> str:
    return shlex.join((option, value)) if value else option


def _note(option: str, value: str, words: Options) -> str:
    is_replaced = any(option == other for other, _ in words)
    return f"{'in place of' if is_replaced else 'leave out'} {_line(option, value)}"
