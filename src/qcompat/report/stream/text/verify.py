"""Whether a stream is whole: the answer first, then every problem with its place."""

from __future__ import annotations

from qcompat.report.output import Output
from qcompat.report.terminal.plain import counted, printable
from qcompat.stream.verify import Verification


def write(found: Verification, out: Output) -> None:
    """Write it."""
    meaning = {
        "whole": "footers, memory and description agree",
        "damaged": counted(len(found.problems), "problem"),
        "unknown": "no damage found, but not everything could be checked",
    }
    out.write(f"{found.verdict}: {meaning[found.verdict]}\n")
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
