"""A judgement for a reader at a terminal: the answer first, then why, then what to do.

Nothing is decided here except what to leave out: changes that are merely possible and long
lists are counted, and `verbose` shows them. Everything, always, is in `json`. That a target may
refuse the guest is part of the answer, never counted.
"""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from qcompat.report.check.answers import CheckAnswer
from qcompat.report.finding import called, summary_text
from qcompat.report.output import Output
from qcompat.report.terminal.layout import columns, hang, plain, unbroken
from qcompat.report.terminal.plain import counted
from qcompat.report.verdict import answered, exit_text, is_note
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.registry import RULES
from qcompat.verdict.judgement import Judgement, is_risk

_MOST_EVIDENCE = 6
_LONGEST_VALUE = 100

Seen = dict[tuple[str, ...], str]
"""Findings that the reader has seen already, by their gist, and where."""


def write(answer: CheckAnswer, out: Output) -> None:
    """Print the judgement, and the repair; nothing is lost on a narrow console."""
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
    if verbose:
        hang(console, Text("guest    ", "bold"), plain(" ".join(judgement.guest.arguments)))
    directions = (
        ("forward", f"{source} → {target}", judgement.forward),
        ("back", f"{target} → {source}", judgement.back),
    )
    for name, way, verdict in directions:
        end = Text(exit_text(out) if name == "forward" else "", "dim")
        hang(console, Text(f"{name:9}", "bold"), plain(f"{way}  ") + answered(verdict) + end)
    seen: Seen = {}
    for name, way, verdict in directions:
        if verdict.findings:
            console.print()
            hang(console, Text(), plain(f"{name}, {way}", "bold"))
            shown = [f for f in verdict.findings if verbose or not is_note(f)]
            _write_findings(shown, seen, console, verbose)
            _write_counts([f for f in verdict.findings if f not in shown], console)
            seen = {} if verbose else {_gist(f): f"{name} {n}" for n, f in enumerate(shown, 1)}
    noted = [(u.subject, u.reason) for u in judgement.uncovered if u.is_noted]
    _write_list("not covered", noted, console)
    _write_list("not known", [(g.part, g.reason) for g in judgement.gaps], console)


def _gist(finding: Finding) -> tuple[str, ...]:
    """What two findings share that say the same of the two directions."""
    return finding.rule, called(finding.subject), summary_text(finding), finding.certainty


def _write_counts(hidden: list[Finding], console: Console) -> None:
    notes = sum(1 for finding in hidden if RULES[finding.rule].is_note)
    counts = {"possible effect": len(hidden) - notes, "note": notes}
    what = " and ".join(counted(number, noun) for noun, number in counts.items() if number)
    if what:
        console.print(Text(f"  {what} not shown (-v shows)", "dim"))


def _write_findings(findings: list[Finding], seen: Seen, console: Console, verbose: bool) -> None:
    for number, finding in enumerate(findings, 1):
        write_finding(number, finding, seen.get(_gist(finding), ""), console, verbose)


def write_finding(
    number: int, finding: Finding, before: str, console: Console, verbose: bool
) -> None:
    """One finding; `before` says where the same was told of the other direction."""
    style = "dim" if finding.certainty == "possible" and not finding.undecided else ""
    indent = Text(" " * 5)
    title = called(finding.subject)
    hang(console, Text(f"{number:3}. ", style), plain(title, f"{style} bold"))
    if before:
        hang(console, indent, Text(f"as in {before}, the other way round"))
    else:
        hang(console, indent, plain(summary_text(finding), style))
    hang(console, indent, Text(_standing(finding), "dim"))
    if not before:
        columns(console, 7, _evidence(finding.evidence, verbose))
    if finding.remedy:
        _write_remedy(finding.remedy, console)


def _standing(finding: Finding) -> str:
    if RULES[finding.rule].is_note:
        return f"a note, which no guest notices, rule {finding.rule}"
    known = "".join(f", advisory {name}" for name in finding.advisories)
    return f"{_effect(finding)} ({finding.certainty}), rule {finding.rule}{known}"


def _effect(finding: Finding) -> str:
    if finding.promise == "returns":
        return "may not come back" if finding.undecided else "cannot come back"
    verb = "cannot decide" if finding.undecided else "may break" if is_risk(finding) else "breaks"
    return f"{verb} `{finding.promise}`"


def _evidence(evidence: tuple[Evidence, ...], verbose: bool) -> list[tuple[Text, Text]]:
    most = len(evidence) if verbose else _MOST_EVIDENCE
    rows = [(plain(e.what), plain(_values(e, verbose), "cyan")) for e in evidence[:most]]
    if len(evidence) > most:
        rows.append((Text(f"… {len(evidence) - most} more (-v shows)", "dim"), Text()))
    return rows


def _values(evidence: Evidence, verbose: bool) -> str:
    return f"{_value(evidence.source, verbose)} → {_value(evidence.target, verbose)}"


def _value(value: str | None, verbose: bool) -> str:
    if value is None:
        return "none"
    if verbose or len(value) <= _LONGEST_VALUE:
        return value
    return f"{value[:_LONGEST_VALUE]}… ({len(value)} characters)"


def _write_remedy(remedy: str, console: Console) -> None:
    console.print(Text("     remedy, set on the target:", "green"))
    for line in remedy.splitlines():
        unbroken(console, Text("       ").append_text(plain(line)))


def _write_list(title: str, rows: list[tuple[str, str]], console: Console) -> None:
    if rows:
        console.print()
        console.print(Text(title, "bold"))
        columns(console, 2, [(plain(left), plain(right)) for left, right in rows])
