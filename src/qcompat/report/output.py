"""Where an answer goes, and in which encoding: the one place that knows both.

Text for people has the encoding of its place; documents are UTF-8 in every locale. Forms get an
`Output`, and never open, encode or print anything themselves.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console

    from qcompat.verdict.gate import Exit


class Output:
    """A place to write an answer to, and what the reader wants to see of it.

    `remedies` are the forms in which remedies are written; `width` is for a place that is no
    terminal. `exit_` is what the command ends with, None where that is no verdict's. `why` is the
    number of the one finding that is asked for, if one is.
    """

    def __init__(
        self,
        file: TextIO | None = None,
        *,
        verbose: bool = False,
        remedies: tuple[str, ...] = ("qemu",),
        width: int | None = None,
        exit_: Exit | None = None,
    ) -> None:
        self._file = sys.stdout if file is None else file
        self._width = width
        self.verbose = verbose
        self.remedies = remedies
        self.exit = exit_
        self.why: int | None = None

    @cached_property
    def console(self) -> Console:
        """For text that wraps and has colours; importing rich takes longer than many answers."""
        from qcompat.report.terminal.console import AnswerConsole

        return AnswerConsole(file=self._file, width=self._width, highlight=False)

    def write(self, text: str) -> None:
        """Text as it is, for people."""
        self._file.write(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """The same of several, which end as they are."""
        self._file.writelines(lines)

    def write_utf8(self, text: str) -> None:
        """Text for programs, past the encoding of the place where it has bytes below it."""
        if isinstance(self._file, io.TextIOWrapper):
            self._file.flush()
            self._file.buffer.write(text.encode())
        else:
            self._file.write(text)

    def write_document(self, document: Any) -> None:
        """One indented JSON document that ends in a newline."""
        import msgspec

        content = msgspec.json.format(msgspec.json.encode(document), indent=2)
        self.write_utf8(content.decode() + "\n")
