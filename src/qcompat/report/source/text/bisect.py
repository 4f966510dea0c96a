"""The commit that a bisection ended with, what it changed, and the answer that it caused."""

from __future__ import annotations

from qcompat.report.output import Output
from qcompat.report.source.answers import Bisection
from qcompat.report.source.text.lint import write_findings
from qcompat.report.terminal.plain import printable


def write(answer: Bisection, out: Output) -> None:
    """The commit first, its diff of facts, then what the command said there."""
    found = answer.found
    if len(found.commits) > 1:
        out.write(f"one of {len(found.commits)} commits; what lies between could not be asked\n")
    for each in found.commits:
        out.write(printable(f"commit {each.name}\n  {each.subject}\n"))
        out.write(printable(f"  {each.author}, {each.date}\n"))
    skipped = sum(each.code is None for each in found.steps)
    built = sum(each.is_built for each in (found.good, found.bad, *found.steps))
    out.write(
        f"exit code {found.good.code} before, {found.bad.code} since; "
        f"{len(found.steps)} commits asked, {built} built, {skipped} skipped\n"
    )
    if len(found.commits) == 1:
        out.write("\nwhat it changes:\n")
        write_findings(answer.facts, out, verbose=True)
    if found.found and found.found.output:
        out.write(
            "\nwhat the command says there:\n" + printable(found.found.output.rstrip()) + "\n"
        )
