"""Whether a guest can move, for a reader: the answer of each way, then why."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from qcompat.hosts.cpu.migration import CpuMigration
from qcompat.report.cpu.answers import CpuMoves
from qcompat.report.output import Output
from qcompat.report.terminal.layout import hang, plain
from qcompat.report.terminal.plain import listed
from qcompat.report.verdict import STYLES

_HOST_ADVICE = (
    "a guest with -cpu host has what its host, kernel and QEMU give on the day it starts: "
    "`qcompat cpu lines` makes both ends the same, `qcompat cpu baseline` gives a named model"
)
_ENFORCE_ADVICE = (
    "without enforce QEMU starts the guest on a host that lacks a feature, and only warns: "
    "add enforce, so that the target refuses instead"
)


def write(answer: CpuMoves, out: Output) -> None:
    """Print all moves."""
    guest, moves, console = answer.guest, answer.moves, out.console
    for forward, back in moves:
        _write_move("forward", forward, console)
        _write_move("back", back, console)
    if all(move.outcome == "ok" for both in moves for move in both):
        return
    if guest.is_of_host:
        hang(console, Text("note: "), plain(_HOST_ADVICE))
    if not guest.has_enforce and any(move.lost for both in moves for move in both):
        hang(console, Text("note: "), plain(_ENFORCE_ADVICE))


def _write_move(way: str, move: CpuMigration, console: Console) -> None:
    answer = Text(f"{move.outcome}", STYLES[move.outcome])
    lead = Text(f"{way:9}", "bold")
    hang(console, lead, plain(f"{move.source} → {move.target}  ") + answer)
    for line in _reasons(move):
        hang(console, Text(" " * 9), plain(line))


def _reasons(move: CpuMigration) -> list[str]:
    lines = [move.refusal] if move.refusal else []
    if move.lost:
        lines.append(f"the guest loses {listed(move.lost)}")
    if move.fatal:
        lines.append(
            f"it loads only while the guest has not used {listed(move.fatal, most=8)}: "
            "the target's kernel refuses that state"
        )
    if move.gained:
        lines.append(f"the guest gains {listed(move.gained)}")
    lines += [f"{each.name} changes from {each.source} to {each.target}" for each in move.values]
    lines += move.remarks
    return [*lines, f"not reported by these hosts: {listed(move.untold)}"] if move.untold else lines
