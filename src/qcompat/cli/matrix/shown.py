"""Where a matrix is shown: as text or JSON on standard output, and in files that were asked for."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import msgspec

from qcompat.local.whole_file import write_whole
from qcompat.trial.matrix.baseline import Change
from qcompat.trial.matrix.cell import Matrix


class Shown(msgspec.Struct, frozen=True):
    """The files to write, and how standard output is to look."""

    html: Path | None = None
    junit: Path | None = None
    as_json: bool = False
    verbose: bool = False

    def show(self, matrix: Matrix, change: Change | None, kept: tuple[Path, ...]) -> None:
        """Write the files, then standard output."""
        from qcompat.report.matrix import html, junit

        if self.html:
            _write(self.html, lambda out: html.write(matrix, out, change))
        if self.junit:
            _write(self.junit, lambda out: junit.write(matrix, out, change))
        self._print(matrix, change, kept)

    def _print(self, matrix: Matrix, change: Change | None, kept: tuple[Path, ...]) -> None:
        if self.as_json:
            from qcompat.report.matrix import document

            document.write(matrix, sys.stdout, change)
            return
        from rich.console import Console

        from qcompat.report.matrix import text
        from qcompat.report.matrix.change import write_change
        from qcompat.report.terminal.layout import plain, unbroken

        console = Console(highlight=False)
        text.write(matrix, console, verbose=self.verbose)
        if change:
            write_change(change, console, verbose=self.verbose)
        for path in kept:
            unbroken(console, plain(f"kept for a report: {path}"))


def _write(path: Path, write: Callable[[TextIO], None]) -> None:
    """All of a file or nothing, in UTF-8."""
    out = io.StringIO()
    write(out)
    write_whole(path, out.getvalue().encode())
