"""A judgement for a reader at a terminal: ten lines first (`brief`), then what they stand on.

Nothing is decided here except what to leave out: changes that are merely possible and long
lists are counted, and `verbose` shows them. Everything, always, is in `json`. That a target may
refuse the guest is part of the answer, never counted.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from qcompat.report.check.answers import CheckAnswer
from qcompat.report.check.brief import write_brief
from qcompat.report.check.causes import Cause, Told, causes_of, is_hidden, named
from qcompat.report.output import Output
from qcompat.report.terminal.layout import columns, hang, plain, unbroken
from qcompat.report.terminal.plain import counted
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.registry import RULES
from qcompat.verdict.judgement import Judgement, is_risk

_MOST_EVIDENCE = 4
_MOST_LISTED = 5
_LONGEST_VALUE = 100
_WHEN = {"load": "at the load", "now": "now", "reset": "after its next reset"}
_INDENT = Text(" " * 5)


def write(answer: CheckAnswer, out: Output) -> None:
    """Print the judgement, and the repair; nothing is lost on a narrow console."""
    if out.why:
        from qcompat.report.check.why import write_why

        write_why(answer.judgement, out.why, out)
        return
    _write_judgement(answer.judgement, out)
    if answer.cold_start:
        from qcompat.report.check.cold_start import write as write_cold_start

        write_cold_start(answer.cold_start, answer.judgement.target, out)
    if answer.repaired:
        from qcompat.report.repair.text import write as write_repair

        out.console.print()
        write_repair(answer.repaired, out)


def _write_judgement(judgement: Judgement, out: Output) -> None:
    console, verbose = out.console, out.verbose
    source, target = judgement.source, judgement.target
    forward, back = causes_of(judgement)
    write_brief(judgement, (forward, back), out)
    if verbose:
        console.print()
        hang(console, Text("guest    ", "bold"), plain(" ".join(judgement.guest.arguments)))
    _write_way(f"forward, {source} → {target}", forward, console, verbose)
    _write_way(f"back, {target} → {source}", back, console, verbose)
    noted = [(u.subject, u.reason) for u in judgement.uncovered if u.is_noted]
    _write_list("not covered", noted, console, verbose)
    _write_list("not known", [(g.part, g.reason) for g in judgement.gaps], console, verbose)


def _write_way(title: str, causes: Sequence[Cause], console: Console, verbose: bool) -> None:
    if not causes:
        return
    console.print()
    hang(console, Text(), plain(title, "bold"))
    shown = [cause for cause in causes if verbose or not is_hidden(cause)]
    for cause in shown:
        if verbose or not cause.is_mirrored:
            write_cause(cause, console, verbose)
    same = [str(cause.first.rule) for cause in shown if cause.is_mirrored and not verbose]
    if same:
        hang(console, Text("  "), Text(f"the other way round, as forward: {', '.join(same)}"))
    _write_counts([f for c in causes if c not in shown for f in c.findings], console)


def _write_counts(hidden: list[Finding], console: Console) -> None:
    notes = sum(1 for finding in hidden if RULES[finding.rule].is_note)
    counts = {"possible effect": len(hidden) - notes, "note": notes}
    what = " and ".join(counted(number, noun) for noun, number in counts.items() if number)
    if what:
        console.print(Text(f"  {what} not shown (-v shows)", "dim"))


def write_cause(cause: Cause, console: Console, verbose: bool) -> None:
    """One cause: its parts with what happens to them, what it stands on, its remedies."""
    first = cause.first
    style = "dim" if first.certainty == "possible" and not first.undecided else ""
    lead = Text(f"{cause.number:3}. ", style)
    if len(cause.told) > 1:
        hang(console, lead, plain(cause.subject, f"{style} bold"))
        lead = _INDENT
    for told in cause.told:
        hang(console, lead, plain(named(told.subjects, verbose=verbose), f"{style} bold"))
        hang(console, _INDENT, plain(told.summary, style))
        columns(console, 7, _evidence(told, verbose))
        lead = _INDENT
    hang(console, _INDENT, plain(_standing(first), "dim"))
    _write_remedies(cause.remedies, console, verbose)


def _standing(finding: Finding) -> str:
    if RULES[finding.rule].is_note:
        return f"a note, which no guest notices, rule {finding.rule}"
    known = "".join(f", advisory {name}" for name in finding.advisories)
    return f"{_effect(finding)} ({finding.certainty}), rule {finding.rule}{known}"


def _effect(finding: Finding) -> str:
    if finding.promise == "returns":
        return "may not come back" if finding.undecided else "cannot come back"
    verb = "cannot decide" if finding.undecided else "may break" if is_risk(finding) else "breaks"
    when = f" {_WHEN[finding.when]}" if finding.promise == "unchanged" else ""
    return f"{verb} `{finding.promise}`{when}"


def _evidence(told: Told, verbose: bool) -> list[tuple[Text, Text]]:
    """A row for each pair of values, with the first of what has them."""
    rows: dict[str, list[str]] = {}
    for each in told.evidence:
        rows.setdefault(_values(each, verbose), []).append(each.what)
    most = len(rows) if verbose else _MOST_EVIDENCE
    shown = [
        (plain(what), plain(values, "cyan"))
        for values, found in list(rows.items())[:most]
        for what in (found if verbose else [_first(found)])
    ]
    if len(rows) > most:
        shown.append((Text(f"… {len(rows) - most} more (-v shows)", "dim"), Text()))
    return shown


def _first(what: list[str]) -> str:
    return what[0] if len(what) == 1 else f"{what[0]} and {len(what) - 1} more"


def _values(evidence: Evidence, verbose: bool) -> str:
    return f"{_value(evidence.source, verbose)} → {_value(evidence.target, verbose)}"


def _value(value: str | None, verbose: bool) -> str:
    if value is None:
        return "none"
    if verbose or len(value) <= _LONGEST_VALUE:
        return value
    return f"{value[:_LONGEST_VALUE]}… ({len(value)} characters)"


def _write_remedies(remedies: Sequence[str], console: Console, verbose: bool) -> None:
    if not remedies:
        return
    console.print(Text("     remedy, set on the target:", "green"))
    most = len(remedies) if verbose else _MOST_EVIDENCE
    for remedy in remedies[:most]:
        for line in remedy.splitlines():
            unbroken(console, Text("       ").append_text(plain(line)))
    if len(remedies) > most:
        more = f"       … {len(remedies) - most} more (-v shows; all at once: qcompat repair)"
        hang(console, Text(), Text(more, "dim"))


def _write_list(title: str, rows: list[tuple[str, str]], console: Console, verbose: bool) -> None:
    if rows:
        most = len(rows) if verbose else _MOST_LISTED
        console.print()
        console.print(Text(title, "bold"))
        columns(console, 2, [(plain(left), plain(right)) for left, right in rows[:most]])
        if len(rows) > most:
            console.print(Text(f"  … {len(rows) - most} more (-v shows)", "dim"))
