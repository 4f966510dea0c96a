"""Findings as a compiler prints them: `file:line: severity: what [lint]`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from qcompat.report.output import Output
from qcompat.report.source.answers import SourceLint
from qcompat.report.source.sentences import pasted, reach, sentence
from qcompat.report.terminal.plain import printable
from qcompat.source.lint import Finding, Severity

_WORDS: dict[Severity, str] = {
    "breaks": "error",
    "suspicious": "warning",
    "unknown": "note",
    "harmless": "note",
}


def write(answer: SourceLint, out: Output) -> None:
    """What breaks and what is suspicious; the rest is counted, or shown verbosely."""
    write_findings(answer.found, out, verbose=out.verbose)
    if answer.lost:
        out.write(
            f"{len(answer.lost)} definitions could not be followed: "
            "`qcompat source show -v` names them\n"
        )


def write_findings(found: Sequence[Finding], out: Output, *, verbose: bool) -> None:
    """Each as a compiler prints it, then how many there are."""
    shown = [each for each in found if verbose or each.severity in ("breaks", "suspicious")]
    for each in shown:
        out.write(printable("\n".join(_lines(each))) + "\n")
    counts = Counter(each.severity for each in found)
    summary = ", ".join(f"{counts[each]} {each}" for each in _WORDS if counts[each])
    hidden = " (-v shows all)" if len(shown) < len(found) else ""
    out.write(f"{summary or 'nothing found'}{hidden}\n")


def _lines(each: Finding) -> list[str]:
    place = each.here or each.there
    where = f"{place.file}:{place.line}" if place else "tree"
    lines = [f"{where}: {_WORDS[each.severity]}: {sentence(each)} [{each.lint}]"]
    if each.there and each.here:
        lines.append(f"    was      {each.there.file}:{each.there.line}")
    if each.intended:
        lines.append(f"    intended {each.intended}")
    if each.machines:
        lines.append(f"    on       {', '.join(reach(each))}")
    if each.stands_in:
        lines.append(f"    stands   in {each.stands_in}")
    if each.entries and each.table:
        at = f" ({each.table_place.file}:{each.table_place.line})" if each.table_place else ""
        lines.append(f"    paste into {each.table}{at}:")
        lines += [f"        {line}" for line in pasted(each)]
    return lines
