"""A trial for a reader at a terminal: a line a hop, then why the last one failed.

Nothing is decided here except what to leave out: checks that found nothing are counted, logs
are shown when `verbose` asks for them. Everything, always, is in `document`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from qcompat.app.prove.prove import Proved
from qcompat.report.finding import summary_text
from qcompat.report.output import Output
from qcompat.report.prove.failure import write_failure
from qcompat.report.terminal.layout import columns, hang, plain, unbroken
from qcompat.report.terminal.plain import counted
from qcompat.report.verdict import STYLES, exit_text
from qcompat.trial.archive import Manifest
from qcompat.trial.trial import Check, Ending, Hop, Trial
from qcompat.verdict.judgement import word_of

_WORDS: dict[Ending, tuple[str, str]] = {
    "loaded": ("loads", "bold green"),
    "refused": ("refused", "bold red"),
    "no_start": ("the target does not start the guest", "bold red"),
    "no_stream": ("the source sends nothing", "bold red"),
    "crashed": ("crashed", "bold red"),
    "hung": ("hung", "bold red"),
    "untried": ("not tried", "bold magenta"),
    "broken": ("broken", "bold red"),
}
_SAW = {"same": "dim", "changed": "yellow", "broken": "bold red"}


def write(proved: Proved, out: Output) -> None:
    """Print the trial; nothing is lost on a narrow console."""
    console, trial = out.console, proved.trial
    if out.verbose:
        hang(console, Text("guest  ", "bold"), plain(" ".join(trial.guest.arguments)))
    write_hops(trial.hops, out)
    write_missing(trial, console)
    write_counts(trial, console)
    for hop in trial.hops:
        _write_checks(hop, console, out.verbose)
    if not trial.succeeds and trial.hops:
        console.print()
        write_failure(trial.hops[-1], console)
    write_uncovered(trial, console)
    if proved.before:
        _write_before(trial, proved.before, console)
    if proved.kept:
        _write_kept(proved.kept, console)
    if out.verbose:
        write_logs(trial, console)


def write_hops(hops: Iterable[Hop], out: Output) -> None:
    """A line a hop, then what the exit code counts."""
    columns(out.console, 0, [(way(hop), outcome_text(hop)) for hop in hops])
    if end := exit_text(out).strip():
        hang(out.console, Text(), Text(end, "dim"))


def way(hop: Hop) -> Text:
    """Where a hop goes."""
    return plain(f"{hop.source} → {hop.target}")


def outcome_text(hop: Hop) -> Text:
    """How a hop ended, and whether that was predicted."""
    word, style = _WORDS[hop.ending]
    seen = sum(check.saw == "changed" for check in hop.checks)
    text = Text(word, style)
    if seen:
        text.append(f", the guest sees {counted(seen, 'change')}", "bold yellow")
    text.append(f", {_prediction(hop)}", "bold magenta" if hop.contradicts else "")
    if hop.was_reset:
        text.append("; then reset")
    if hop.total is not None:
        text.append(f"; {_times(hop)}", "dim")
    return text


def _prediction(hop: Hop) -> str:
    if hop.contradicts:
        return f"which CONTRADICTS the verdict {hop.predicted}"
    if hop.predicted is None:
        return "not predicted"
    if hop.predicted == "unknown":
        return "the verdict was unknown"
    if hop.is_barred:
        return "without what was left out; with it the verdict is blocked"
    return f"as predicted ({word_of(hop.predicted, hop.findings)})"


def _times(hop: Hop) -> str:
    whole = f"total {hop.total:.0f} ms"
    return whole if hop.downtime is None else f"downtime {hop.downtime:.0f} ms, {whole}"


def write_missing(trial: Trial, console: Console) -> None:
    """What the loads say nothing about, and would have to."""
    parts = [f"{part.subject} ({part.reason})" for part in trial.guest.missing]
    if parts:
        title = Text("proves nothing of what was left out: ", STYLES["unknown"])
        hang(console, Text(), title + plain("; ".join(parts), "not bold default"))
    if barred := dict.fromkeys(summary_text(f) for hop in trial.hops for f in hop.bars):
        title = Text("blocked by what was left out: ", STYLES["blocked"])
        hang(console, Text(), title + plain("; ".join(barred), "not bold default"))
    uncovered = trial.guest.uncovered
    held = [f"{each.subject}: {each.reason}" for each in uncovered if each.loses == "condition"]
    if held:
        title = Text("would be refused if this holds: ", "bold")
        hang(console, Text(), title + plain("; ".join(held), "not bold"))


def write_counts(trial: Trial, console: Console) -> None:
    """How often each ending was seen, and why nothing was predicted."""
    if trial.is_flaky:
        counts = ", ".join(f"{ending} {number}×" for ending, number in trial.outcomes.items())
        hang(console, Text("flaky: ", "bold magenta"), plain(counts))
    elif trial.outcomes:
        number = sum(trial.outcomes.values())
        hang(console, Text(), Text(f"the same {number} times out of {number}", "dim"))
    if reasons := dict.fromkeys(hop.unpredicted for hop in trial.hops if hop.unpredicted):
        hang(console, Text("not predicted: ", "dim"), plain("; ".join(reasons), "dim"))


def _write_checks(hop: Hop, console: Console, verbose: bool) -> None:
    if not hop.checks:
        return
    shown = [check for check in hop.checks if verbose or check.saw != "same"]
    console.print()
    title = plain(f"what the guest saw, {hop.source} → {hop.target}", "bold")
    same = counted(len(hop.checks) - len(shown), "check")
    if not shown:
        hang(console, Text(), title + Text(f": nothing changed ({same})", "not bold"))
        return
    hang(console, Text(), title)
    columns(console, 2, [(plain(check.what), _seen(check)) for check in shown])
    if len(shown) < len(hop.checks):
        console.print(Text(f"  {same} found no change", "dim"))


def _seen(check: Check) -> Text:
    values = f"  {check.before} → {check.after}" if check.before or check.after else ""
    return Text(check.saw, _SAW[check.saw]) + plain(values)


def write_uncovered(trial: Trial, console: Console) -> None:
    """What is only worth a note."""
    noted = [part for part in trial.guest.uncovered if part.is_noted]
    if noted:
        console.print()
        console.print(Text("not covered", "bold"))
        columns(console, 2, [(plain(part.subject), plain(part.reason)) for part in noted])


def _write_before(trial: Trial, before: Manifest, console: Console) -> None:
    then = [hop.outcome.kind for hop in before.hops]
    now = [hop.outcome.kind for hop in trial.hops]
    outcome = (
        "same outcome as before"
        if then == now
        else f"then {' → '.join(then)}, now {' → '.join(now)}"
    )
    console.print()
    hang(console, Text("replayed  ", "bold"), plain(outcome))


def _write_kept(kept: Path, console: Console) -> None:
    console.print()
    console.print(Text("kept, with streams, portraits and logs:", "bold"))
    unbroken(console, plain(f"  {kept}"))
    unbroken(console, plain(f"  qcompat prove --replay {kept}"))


def write_logs(trial: Trial, console: Console) -> None:
    """What either QEMU printed."""
    for hop in trial.hops:
        for build, log in ((hop.source, hop.source_log), (hop.target, hop.target_log)):
            console.print()
            hang(console, Text(), plain(f"log of {build}, {hop.source} → {hop.target}", "bold"))
            for line in log.splitlines():
                unbroken(console, plain(f"  {line}"))
