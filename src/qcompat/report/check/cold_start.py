"""What a cold start on another machine type would change, for a reader at a terminal."""

from __future__ import annotations

from rich.text import Text

from qcompat.app.cold_start import ColdStart
from qcompat.report.check.causes import causes_in, is_hidden
from qcompat.report.check.text import write_cause
from qcompat.report.output import Output
from qcompat.report.terminal.layout import columns, hang, plain
from qcompat.report.terminal.plain import counted

_MOST_PROPERTIES = 8


def write(answer: ColdStart, target: str, out: Output) -> None:
    """The machine type, what the guest finds changed, and which properties differ."""
    console = out.console
    console.print()
    hang(console, Text(), plain(f"cold start on {target}, as {answer.machine}", "bold"))
    told = f"the nearest of its machine types ({', '.join(answer.tried)} tried)"
    causes = causes_in(answer.findings)
    shown = [cause for cause in causes if out.verbose or not is_hidden(cause)]
    found = counted(len(shown), "thing") if shown else "nothing"
    hang(console, Text("  "), plain(f"{told}; after a power-off the guest finds {found} changed:"))
    for cause in shown:
        write_cause(cause, console, out.verbose)
    hidden = len(causes) - len(shown)
    if hidden:
        console.print(Text(f"  {counted(hidden, 'possible effect')} not shown (-v shows)", "dim"))
    _write_properties(answer, out)


def _write_properties(answer: ColdStart, out: Output) -> None:
    most = len(answer.properties) if out.verbose else _MOST_PROPERTIES
    told = f"{len(answer.properties)} differ, {answer.gained} are new, {answer.lost} are gone"
    out.console.print(Text(f"  of the properties of its devices {told}", "dim"))
    rows = [
        (plain(f"{each.device}.{each.name}"), plain(f"{each.source} → {each.target}", "cyan"))
        for each in answer.properties[:most]
    ]
    columns(out.console, 4, rows)
    if len(answer.properties) > most:
        out.console.print(Text(f"    … {len(answer.properties) - most} more (-v shows)", "dim"))
