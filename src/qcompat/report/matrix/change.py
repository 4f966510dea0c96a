"""What changed since a baseline, for a reader at a terminal: what got worse first, by reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from qcompat.report.matrix.grouped import write_groups
from qcompat.report.matrix.reason import flaky_reason, reason_of, reasons_of
from qcompat.report.matrix.tally import groups
from qcompat.report.output import Output
from qcompat.report.terminal.layout import hang, plain
from qcompat.trial.matrix.baseline import Change, Shift, What
from qcompat.trial.matrix.cell import Cell, Status, rank

WORDS: dict[What, str] = {
    "worse": "worse",
    "unproven": "no longer proven",
    "better": "better",
    "changed": "changed, but no worse",
    "new": "new",
}
_THEN: dict[Status, str] = {
    "ok": "loaded, no change",
    "drift at reset": "loaded with a change at a reset",
    "drift": "loaded with a change",
    "unknown": "loaded",
    "flaky": "was flaky",
    "fails": "failed",
    "crashes": "crashed",
}
_NOW: dict[Status, str] = {
    "ok": "now loads, no change",
    "drift at reset": "now loads with a change at a reset",
    "drift": "now loads with a change",
    "unknown": "now loads, change not known",
    "flaky": "now is flaky",
    "fails": "now fails",
    "crashes": "now QEMU crashes or hangs",
}
_STYLES = {"kept": "bold green", "broken": "bold red", "unknown": "bold magenta"}


def write_change(change: Change, out: Output) -> None:
    """Print the change; what is new or fails differently is counted unless `verbose`."""
    console = out.console
    console.print()
    hang(console, Text("baseline  ", "bold"), Text(counts(change), _STYLES[change.answer]))
    _write_builds(change, console)
    for title, shifts in _parts(change, out.verbose):
        texts = {id(shift.cell): shift_text(shift, change.unmatched) for shift in shifts}
        found = groups([shift.cell for shift in shifts], _reader(texts))
        write_groups(title, found, console, out.verbose)


def _parts(change: Change, verbose: bool) -> list[tuple[str, list[Shift]]]:
    """What a guest loses comes before what it merely sees."""
    worse = change.of("worse")
    parts = [
        ("no longer loads as before", [shift for shift in worse if _lost(shift)]),
        ("loads, but the guest sees more changes", [shift for shift in worse if not _lost(shift)]),
        ("no longer proven", [*change.of("unproven")]),
        ("got better", [*change.of("better")]),
    ]
    if verbose:
        parts.append((WORDS["changed"], [*change.of("changed")]))
        parts.append((WORDS["new"], [*change.of("new")]))
    return parts


def _lost(shift: Shift) -> bool:
    return shift.now is None or rank(shift.now) > 0


def _write_builds(change: Change, console: Console) -> None:
    renamed = [f"{then} is now {now}" for then, now in change.builds.items() if then != now]
    missing = [f"{name} is not in this run (--same {name}=NEW)" for name in change.unmatched]
    for line in (*renamed, *missing):
        hang(console, Text("  "), plain(line))


def _reader(texts: Mapping[int, str]) -> Callable[[Cell], str]:
    return lambda cell: texts[id(cell)]


def counts(change: Change) -> str:
    """`2 worse, 1 better, 621 as before`."""
    found = ((what, len(change.of(what))) for what in WORDS)
    words = [f"{count} {WORDS[what]}" for what, count in found if count]
    if change.unseen:
        words.append(f"{change.unseen} load as before (no verdict now)")
    return ", ".join([*words, f"{change.same} as before"])


def shift_text(shift: Shift, unmatched: Sequence[str] = ()) -> str:
    """What happened to one cell, in one line."""
    before, after = shift.before, shift.after
    if before is None:
        return _with(_NOW[shift.now or "unknown"], reason_of(shift.cell))
    then = _THEN[shift.then or "unknown"]
    if after is None:
        return f"{then}, {_gone(before, shift.left_out, unmatched)}"
    if shift.then != shift.now:
        why = flaky_reason(after) if after.is_flaky else reason_of(after) or reason_of(before)
        return _with(f"{then}, {_NOW[shift.now or 'unknown']}", why)
    if after.outcome.loads:
        return _news(before, after)
    return _with("failed, now fails differently", reason_of(after))


def _gone(before: Cell, left_out: str, unmatched: Sequence[str]) -> str:
    if left_out:
        return f"now left out: {left_out}"
    away = [name for name in (before.source, before.target) if name in unmatched]
    return f"now not tried: no {away[0]}" if away else "now not tried"


def _news(before: Cell, after: Cell) -> str:
    """The reasons that the baseline did not give, or else those that are given no more."""
    then, now = reasons_of(before), reasons_of(after)
    fresh = [reason for reason in now if reason not in then]
    gone = [reason for reason in then if reason not in now]
    return f"seen now: {'; '.join(fresh)}" if fresh else f"no longer seen: {'; '.join(gone)}"


def _with(what: str, why: str) -> str:
    return f"{what}: {why}" if why else what
