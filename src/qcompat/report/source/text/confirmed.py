"""Where a source tree and a build of it disagree."""

from __future__ import annotations

from qcompat.report.output import Output
from qcompat.report.terminal.plain import printable
from qcompat.source.confirm import Confirmation

_MOST = 40


def write(found: Confirmation, out: Output) -> None:
    """The differences, then how much agreed."""
    shown = found.differences if out.verbose else found.differences[:_MOST]
    for each in shown:
        place = f"{each.place.file}:{each.place.line}" if each.place else "-"
        ends = f"{each.tree or 'nothing'} in the tree, {each.build or 'nothing'} in the build"
        out.write(printable(f"{place}: {each.kind} {each.subject}: {ends}") + "\n")
    if len(shown) < len(found.differences):
        out.write(f"{len(found.differences) - len(shown)} more (-v shows all)\n")
    out.write(
        f"{found.defaults} defaults and {found.entries} entries compared, "
        f"{len(found.differences)} differ\n"
    )
    if found.only_in_build:
        out.write(f"{len(found.only_in_build)} properties that only the build reports\n")
        if out.verbose:
            out.writelines(printable(f"  {each}") + "\n" for each in found.only_in_build)
