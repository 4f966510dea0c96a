"""A guest's targets: a line a build, then what bars it, what repairs it, what clears it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from qcompat.app.lineage.targets import Target
from qcompat.lineage.chain import Leg
from qcompat.lineage.lineage import PowerCycle
from qcompat.report.finding import called, summary_text
from qcompat.report.lineage.answers import GuestTargets
from qcompat.report.lineage.parts import spelled
from qcompat.report.lineage.text.show import write_leftovers
from qcompat.report.output import Output
from qcompat.report.remedy.text import write_forms
from qcompat.report.repair.words import reason_text
from qcompat.report.terminal.layout import columns, hang, plain, unbroken
from qcompat.report.verdict import is_note, style_of
from qcompat.rules.finding import Finding
from qcompat.verdict.remedy import Reason


def write(answer: GuestTargets, out: Output) -> None:
    """The table first; then each build that the guest cannot simply go to, with remedies."""
    console, cycle, found = out.console, answer.cycle, answer.found
    hang(console, Text(), plain(f"{answer.name}, on {cycle.current.build}, can go to"))
    columns(console, 2, [(plain(each.build), _answer(each, cycle)) for each in found.targets])
    write_leftovers(found.leftovers, cycle, console)
    for each in found.targets:
        if out.verbose or each.verdict.verdict in ("blocked", "unknown"):
            _write_why(each, cycle, console, verbose=out.verbose)
            if each.remedy:
                write_forms(answer.forms(each), out, indent="  ")


def _answer(each: Target, cycle: PowerCycle) -> Text:
    answer = each.verdict.verdict
    text = Text(each.verdict.word, style_of(each.verdict))
    if each.remedied and each.remedy:
        settings = f", but {each.remedied.word} with the settings below"
        return text.append(settings, "not bold default")
    if each.chain:
        return text.append(
            f" directly; possible by way of {_way(each.chain[:-1])}", "not bold default"
        )
    if answer == "blocked" and each.cleared_by:
        return text.append(" until it powers off", "not bold default")
    here = " (where it runs)" if each.build == cycle.current.build else ""
    return text.append(here, "not bold default")


def _write_why(each: Target, cycle: PowerCycle, console: Console, *, verbose: bool) -> None:
    if not (each.verdict.findings or each.lacking or each.reasons):
        return
    console.print()
    hang(console, Text(), plain(f"{cycle.current.build} → {each.build}", "bold"))
    if each.lacking:
        hang(console, Text("  "), plain(each.lacking))
    for finding in each.verdict.findings:
        bars = finding.promise == "loads" and not is_note(finding)
        bars = bars and not (each.verdict.verdict == "blocked" and finding.undecided)
        if verbose or (bars and not _is_told(finding, each.reasons)):
            hang(console, Text("  "), plain(f"{called(finding.subject)}: {summary_text(finding)}"))
    _write_way_out(each, console)


def _is_told(finding: Finding, reasons: Sequence[Reason]) -> bool:
    """Whether a reason why no property helps is about the same part of the guest."""
    return any(reason.finding.subject.thing == finding.subject.thing for reason in reasons)


def _write_way_out(each: Target, console: Console) -> None:
    for setting in each.remedy:
        unbroken(console, Text("  set ", "green").append_text(plain(spelled(setting))))
    for reason in each.reasons:
        hang(console, Text("  "), plain(reason_text(reason)))
    if each.chain:
        legs = "; ".join(f"{leg.build} ({leg.verdict})" for leg in each.chain)
        hang(console, Text("  go by way of: ", "green"), plain(legs))
    if each.cleared_by and not each.remedy and not each.chain:
        names = " or ".join(each.cleared_by)
        hang(
            console,
            Text("  to clear it: ", "green"),
            plain(f"power the guest off, then start it on {names}"),
        )


def _way(legs: tuple[Leg, ...]) -> str:
    return ", then ".join(leg.build for leg in legs)
