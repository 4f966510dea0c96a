"""The commit that a bisection ended with, what it changed, and the answer that it caused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TextIO

import msgspec

from qcompat.report.output import write_document
from qcompat.report.source.text import write_text as write_findings
from qcompat.report.terminal.plain import printable
from qcompat.source.bisect.drive import Bisected
from qcompat.source.lint import Finding

SCHEMA = "qcompat.bisect/1"


def write_text(found: Bisected, facts: Sequence[Finding], out: TextIO) -> None:
    """The commit first, its diff of facts, then what the command said there."""
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
        write_findings(facts, 0, out, verbose=True)
    if found.found and found.found.output:
        out.write(
            "\nwhat the command says there:\n" + printable(found.found.output.rstrip()) + "\n"
        )


def write_json(found: Bisected, facts: Sequence[Finding], out: TextIO) -> None:
    """All of it."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "commits": [msgspec.to_builtins(each) for each in found.commits],
        "good": msgspec.to_builtins(found.good),
        "bad": msgspec.to_builtins(found.bad),
        "steps": [msgspec.to_builtins(each) for each in found.steps],
        "facts": [msgspec.to_builtins(each) for each in facts],
    }
    write_document(document, out)
