"""A rehearsal for a reader at a terminal: a line a load, why one failed, what stays unknown."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from qcompat.app.rehearse.guest_now import GuestNow
from qcompat.app.rehearse.rehearse import Rehearsed
from qcompat.portrait.portrait import DEVICE_STATE
from qcompat.report.output import Output
from qcompat.report.prove.failure import write_failure
from qcompat.report.prove.text import (
    way,
    write_counts,
    write_hops,
    write_logs,
    write_missing,
    write_uncovered,
)
from qcompat.report.terminal.layout import columns, hang, plain, unbroken

_MAY_REFUSE = (
    "a refusal may come from that: what is left open looks into memory that a rehearsal lacks"
)


def write(rehearsed: Rehearsed, out: Output) -> None:
    """Print the trials, then what a rehearsal of this guest cannot tell."""
    console = out.console
    trials = rehearsed.trials
    write_hops([hop for trial in trials for hop in trial.hops], out)
    for trial in trials:
        write_counts(trial, console)
    _write_pause(rehearsed.now, console)
    for trial in trials:
        if not trial.succeeds and trial.hops:
            console.print()
            hang(console, Text(), way(trial.hops[-1]) + Text(" failed", "bold red"))
            write_failure(trial.hops[-1], console)
    _write_parts(rehearsed, console, out.verbose)
    write_missing(trials[0], console)
    if out.verbose:
        write_uncovered(trials[0], console)
    if rehearsed.kept:
        console.print()
        console.print(Text("kept, with streams, portraits and logs:", "bold"))
        for kept in rehearsed.kept:
            unbroken(console, plain(f"  {kept}"))
    if out.verbose:
        for trial in trials:
            write_logs(trial, console)


def pause_text(now: GuestNow) -> str:
    """How long the guest stood still, or why it did not; empty where its state is from a file."""
    for gap in now.portrait.gaps:
        if gap.part == DEVICE_STATE:
            return f"its device state was not read, and its twin's stands for it: {gap.reason}"
    if now.pause is None:
        return ""
    if not now.pause:
        return "the guest was not running, and is as it was"
    most = "" if now.is_told else "at most "
    return f"the guest stood still for {most}{now.pause:.1f} ms, and runs on"


def _write_pause(now: GuestNow, console: Console) -> None:
    if text := pause_text(now):
        hang(console, Text(), Text(text, "dim"))


def _write_parts(rehearsed: Rehearsed, console: Console, verbose: bool) -> None:
    parts = [part for part in rehearsed.parts if verbose or part.is_named]
    if not parts:
        return
    console.print()
    console.print(Text("not told by a rehearsal", "bold"))
    columns(
        console,
        2,
        [
            (plain(part.name), plain(f"{part.handling}: {part.means}" if verbose else part.means))
            for part in parts
        ],
    )
    if rehearsed.is_open and any(not trial.succeeds for trial in rehearsed.trials):
        hang(console, Text("  "), Text(_MAY_REFUSE, "bold magenta"))
