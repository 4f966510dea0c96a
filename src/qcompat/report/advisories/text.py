"""A list of advisories for a reader; `qcompat explain NAME` prints all of one."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from qcompat.app.advisories import Concern
from qcompat.report.output import Output
from qcompat.report.terminal.layout import hang, plain
from qcompat.report.terminal.plain import listed


def write(concerns: Sequence[Concern], out: Output) -> None:
    """Each with the ranges of both ends, symptom and remedy."""
    if not concerns:
        out.console.print("No advisory is about this.")
    for number, concern in enumerate(concerns):
        if number:
            out.console.print()
        _write(concern, out.console, verbose=out.verbose)


def _write(concern: Concern, console: Console, *, verbose: bool) -> None:
    advisory = concern.advisory
    hang(console, plain(""), plain(concern.name, "bold"))
    hang(console, plain("  "), plain(advisory.title))
    ways = " (or the other way round)" if advisory.both_ways else ""
    rows = [
        ("ends", _ends(concern)),
        ("from", _ranges(advisory.source)),
        ("to", f"{_ranges(advisory.target)}{ways}"),
        ("machines", advisory.machines),
        ("devices", listed(concern.devices, verbose=verbose)),
        ("symptom", advisory.symptom),
        ("remedy", advisory.remedy),
    ]
    if verbose:
        rows += [("cause", advisory.cause), ("rules", ", ".join(advisory.rules))]
        rows += [("see", link) for link in advisory.links]
    for label, value in rows:
        if value:
            hang(console, Text(f"  {label:9} ", "dim"), plain(value))


def _ends(concern: Concern) -> str:
    if not concern.ends:
        return ""
    return f"concerns this build as {' and '.join(concern.ends)}"


def _ranges(ranges: Sequence[str]) -> str:
    return " or ".join("any" if each == ">=0" else each.replace(",", " ") for each in ranges)
