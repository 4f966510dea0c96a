"""The one line that says why a cell is as it is, by which cells are grouped.

A finding's words are better than QEMU's, which name no cause; but where the two
disagree, and where nothing was predicted, QEMU's word is what is known.
"""

from __future__ import annotations

from functools import cache

from qcompat.qemu.outcome import Outcome
from qcompat.report.finding import summary_text
from qcompat.trial.cause import cause_of, words_of
from qcompat.trial.matrix.cell import Cell

_HAPPENED = {
    "loaded": "it loads",
    "refused": "the target refuses the stream",
    "no_start": "the target does not start the guest",
    "no_stream": "the source sends nothing to load",
    "crashed": "the target crashes",
    "hung": "the target hangs",
    "untried": "not tried",
}


def reason_of(cell: Cell) -> str:
    """One line; empty for a cell that loads and has no reason."""
    foreseen = cell.predicted == "blocked" and not cell.contradicts
    if foreseen or cell.is_partial or (cell.predicted == "drift" and cell.outcome.loads):
        for reason in filter(str.strip, reasons_of(cell)):
            return _line(reason)
    return "" if cell.outcome.loads else _happened(cell.outcome, explained(cell.outcome))


def reasons_of(cell: Cell) -> tuple[str, ...]:
    """The reasons in words, gravest first."""
    return tuple(r if isinstance(r, str) else summary_text(r) for r in cell.reasons)


def happened(cell: Cell) -> str:
    """What really happened, with the first line of QEMU's word."""
    return _happened(cell.outcome, _line(words_of(cell.outcome)))


@cache
def explained(outcome: Outcome) -> str:
    """What QEMU's words mean if that is known and says as much, else the words."""
    cause = cause_of(outcome)
    if cause is None or cause.kind == "state":  # it only says that something did not load
        return _line(words_of(outcome))
    return cause.means


def _happened(outcome: Outcome, word: str) -> str:
    return _HAPPENED[outcome.kind] + (f": {word}" if word else "")


def against(cell: Cell) -> str:
    """The verdict that the trial contradicts, and its first reason."""
    why = f"; the reason given: {_line(reasons_of(cell)[0])}" if cell.reasons else ""
    return f"predicted {cell.predicted}, but {happened(cell)}{why}"


def flaky_reason(cell: Cell) -> str:
    """How often a flaky cell ended in which way, and QEMU's last words."""
    word = f": {happened(cell)}" if cell.outcome.message else ""
    return seen(cell) + word


def seen(cell: Cell) -> str:
    """How often a flaky cell ended in which way, `3 loaded, 1 refused`."""
    return ", ".join(f"{count} {kind}" for kind, count in sorted(cell.counts.items()))


def _line(text: str) -> str:
    return text.strip().partition("\n")[0]
