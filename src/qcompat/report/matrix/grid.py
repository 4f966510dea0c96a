"""The build × build grid of one machine type as text, or the same as a list where it is narrow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from qcompat.report.matrix.tally import Place
from qcompat.report.terminal.layout import columns, hang, plain, unbroken
from qcompat.trial.matrix.cell import Status

SIGNS: dict[Status, tuple[str, str]] = {
    "crashes": ("!", "bold red"),
    "fails": ("✗", "bold red"),
    "flaky": ("±", "bold magenta"),
    "unknown": ("?", "magenta"),
    "drift": ("~", "yellow"),
    "drift at reset": ("-", "cyan"),
    "ok": ("=", "green"),
}
"""The worst first, as in a field of the grid."""

MEANINGS: dict[Status, str] = {
    "crashes": "QEMU crashes or hangs",
    "fails": "does not load",
    "flaky": "sometimes loads",
    "unknown": "loads, change not known",
    "drift": "loads, the running guest notices",
    "drift at reset": "loads, changes at a reset",
    "ok": "loads, no change",
}

Fields = Mapping[Place, Counter[Status]]


def write_grid(machine: str, builds: Sequence[str], counted: Fields, console: Console) -> None:
    """Rows are sources, columns targets; builds without this machine type are left out."""
    places = [place for place in counted if place[0] == machine]
    names = [name for name in builds if any(name in place[1:] for place in places)]
    rows = [[plain(source, "bold"), *_row(machine, source, names, counted)] for source in names]
    shared = shared_prefix(names)
    short = [name.removeprefix(shared) for name in names]
    head = [Text(machine, "bold"), *(plain(f"→ {name}", "bold") for name in short)]
    widths = [max(text.cell_len for text in column) for column in zip(head, *rows, strict=True)]
    if sum(widths) + 2 * len(names) > console.width:
        _write_list(machine, names, counted, console)
        return
    for row in (head, *rows):
        line = Text()
        for text, width in zip(row, widths, strict=True):
            line.append_text(text).append(" " * (width - text.cell_len + 2))
        unbroken(console, line)


def write_legend(counted: Fields, console: Console) -> None:
    """What the signs mean that occur."""
    occurring = {where for counts in counted.values() for where in counts}
    body = Text("   ").join(
        Text.assemble(sign, f" {MEANINGS[where]}".replace(" ", "\N{NO-BREAK SPACE}"))
        for where, sign in SIGNS.items()
        if where in occurring
    )
    hang(console, Text(), body)


def _row(machine: str, source: str, names: Sequence[str], counted: Fields) -> list[Text]:
    return [
        field(counted.get((machine, source, target), Counter()))
        if source != target
        else Text("·", "dim")
        for target in names
    ]


def shared_prefix(names: Sequence[str]) -> str:
    """What all names begin with, up to a dash (`debian-`), so that a column need not repeat it."""
    lead = "".join(names[0].partition("-")[:2]) if names else ""
    return lead if lead.endswith("-") and all(name.startswith(lead) for name in names) else ""


def field(counts: Counter[Status]) -> Text:
    """`✗3 ~31 =2`: all counts of a field."""
    shown = [Text(f"{sign[0]}{counts[w]}", sign[1]) for w, sign in SIGNS.items() if counts[w]]
    return Text(" ").join(shown)


def _write_list(machine: str, names: Sequence[str], counted: Fields, console: Console) -> None:
    hang(console, Text(), plain(machine, "bold"))
    pairs = [(s, t) for s in names for t in names if (machine, s, t) in counted]
    rows = [(plain(f"{s} → {t}"), field(counted[machine, s, t])) for s, t in pairs]
    columns(console, 2, rows)
