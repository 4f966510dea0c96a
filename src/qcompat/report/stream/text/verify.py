"""Whether a stream is whole, as text or JSON, and as an exit code."""

from __future__ import annotations

from typing import TextIO

import msgspec

from qcompat.report.output import write_document
from qcompat.report.terminal.plain import printable
from qcompat.stream.verify import Verification

SCHEMA = "qcompat.stream-verify/1"


def exit_code(found: Verification) -> int:
    """0 whole and consistent, 1 damaged, 3 not wholly proven."""
    return 1 if found.problems else 3 if found.unproven else 0


def write_text(found: Verification, out: TextIO) -> None:
    """The answer first, then every problem with its place."""
    answer = {0: "whole", 1: "damaged", 3: "unknown"}[exit_code(found)]
    meaning = {
        0: "footers, memory and description agree",
        1: f"{len(found.problems)} problem{'s' if len(found.problems) > 1 else ''}",
        3: "no damage found, but not everything could be checked",
    }[exit_code(found)]
    out.write(f"{answer}: {meaning}\n")
    out.write(
        f"{found.size:,} bytes, {found.devices} device sections ({found.described} described), "
        f"{found.pages:,} pages\n"
    )
    for problem in found.problems:
        where = f"{problem.record}: " if problem.record else ""
        out.write(printable(f"  {where}{problem.message}").replace("\n", " "))
        out.write("\n" if "(at byte" in problem.message else f" (at byte {problem.offset})\n")
    for reason in found.unproven:
        out.write(printable(f"  not checked: {reason}") + "\n")


def write_json(found: Verification, out: TextIO) -> None:
    """All of it."""
    verdict = {0: "whole", 1: "damaged", 3: "unknown"}[exit_code(found)]
    document = {"schema": SCHEMA, "verdict": verdict, **msgspec.to_builtins(found)}
    write_document(document, out)
