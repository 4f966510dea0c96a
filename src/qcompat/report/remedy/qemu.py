"""A remedy for QEMU's command line, quoted for a POSIX shell."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from qcompat.report.remedy.form import Form

Options = Sequence[tuple[str, str]]


def qemu(words: Options, dropped: Options = ()) -> Form:
    """The options to be given, a line each; those that they replace are told as notes."""
    return Form(
        "\n".join(_line(option, value) for option, value in words),
        tuple(_note(option, value, words) for option, value in dropped),
    )


def _line(option: str, value: str) -> str:
    return shlex.join((option, value)) if value else option


def _note(option: str, value: str, words: Options) -> str:
    is_replaced = any(option == other for other, _ in words)
    return f"{'in place of' if is_replaced else 'leave out'} {_line(option, value)}"
