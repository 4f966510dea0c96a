"""Where two streams differ: sections as headings, a line for each place below."""

from __future__ import annotations

from typing import Any

from qcompat.report.output import Output
from qcompat.report.stream.answers import StreamDiff
from qcompat.report.stream.differences import lines_of
from qcompat.report.stream.values import shown
from qcompat.report.terminal.plain import printable


def write(answer: StreamDiff, out: Output) -> None:
    """Write each place with both values."""
    last = None
    for line in lines_of(answer.found, answer.ends):
        if line.where != last:
            out.write(printable(line.where) + "\n")
            last = line.where
        values = f"{_value(line.source, out.verbose)} → {_value(line.target, out.verbose)}"
        out.write(printable(f"  {line.what:40}  {values}").replace("\n", "\\n") + "\n")
    if last is None:
        out.write("no difference\n")


def _value(given: Any, verbose: bool) -> str:
    return "not there" if given is None else shown(given, verbose=verbose)
