"""The section of docs/accuracy.md on rehearsals, written from the cells that were measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from tools.accuracy.rehearsals.cell import Cell
from tools.accuracy.rehearsals.verdicts import MOMENTS, Kind, kind_of
from tools.accuracy.section import with_section

TITLE = "## Running guests: rehearsed, and really migrated at the same moment\n"

_HEAD = """
Each cell is one running guest at one moment and one target: its device state was rehearsed there
(`qcompat rehearse`), then the guest was really saved and loaded there. Guests have disks, network
cards, USB and plugged devices (`tools/accuracy/rehearsals/guests.toml`), and go from one build to
all others that know the machine type. `firmware` ran under KVM until its firmware was idle; the
others booted Linux under TCG (`booted`), used disks and cards for a while (`loaded`), and got a
DIMM, a processor and three devices plugged in (`plugged`; Linux run by TCG does not take the
processor into use). Work before `loaded`: {load}.

Measured so far: {extent},
{measured}.

| guest | state | cells | really fail | rehearsal agrees | for the same cause |
|---|---|---|---|---|---|
"""

_MOMENTS = """
What the portraits of each moment say of the same cells, where they were asked. `running` is the
paused twin's portrait with the device state of now in it. Linux is booted by TCG for the moment
`booted`, whatever runs the guest. A load that fails and was not said to is **missed**.
{judged}

| state of the guest | verdict from | cells | really fail | right | missed | false alarm | unknown |
|---|---|---|---|---|---|---|---|
"""
_STATES = ("firmware", "booted", "loaded", "plugged")


def render(cells: Sequence[Cell], judged: str) -> str:
    """The section; empty without cells. `judged` says when they were, and by which code."""
    if not cells:
        return ""
    pairs = len({(cell.machine, cell.source, cell.target) for cell in cells})
    extent = f"{len(cells)} cells, {pairs} pairs of machine type and builds"
    names = sorted({(cell.guest, cell.machine, cell.state) for cell in cells})
    rows = [
        _row(f"{guest}, {machine}", state, _of(cells, guest, machine, state))
        for guest, machine, state in names
    ]
    return "".join(
        (
            TITLE,
            _HEAD.format(extent=extent, load=_loads(cells), measured=_measured(cells)),
            *rows,
            _row("**all**", "", cells),
            _disagreements(cells),
            _MOMENTS.format(judged=judged),
            *_moments(cells),
        )
    )


def _loads(cells: Sequence[Cell]) -> str:
    """`20 s, of 72 cells 120 s`."""
    counts = Counter(cell.load for cell in cells if cell.state == "loaded")
    (usual, _), *others = counts.most_common() or [(0.0, 0)]
    return ", ".join((f"{usual:.0f} s", *(f"of {n} cells {load:.0f} s" for load, n in others)))


def _measured(cells: Sequence[Cell]) -> str:
    """`on 2026-11-27 at commit a, b`."""
    told = sorted({tuple(cell.at.split(" at commit ")) for cell in cells if cell.at})
    days = {day: [each[-1] for each in told if each[0] == day] for day, *_ in told}
    return " and ".join(f"{day} at commit {', '.join(commits)}" for day, commits in days.items())


def _of(cells: Sequence[Cell], guest: str, machine: str, state: str) -> list[Cell]:
    wanted = (guest, machine, state)
    return [cell for cell in cells if (cell.guest, cell.machine, cell.state) == wanted]


def _row(name: str, state: str, cells: Sequence[Cell]) -> str:
    fail = [cell for cell in cells if not cell.real.loads]
    agree = sum(cell.agrees for cell in cells)
    same = sum(cell.has_same_cause for cell in fail)
    share = f"{agree} ({agree / len(cells):.1%})"
    return f"| {name} | {state} | {len(cells)} | {len(fail)} | {share} | {same} of {len(fail)} |\n"


def _disagreements(cells: Sequence[Cell]) -> str:
    wrong = [cell for cell in cells if not cell.agrees]
    if not wrong:
        return "\nNo rehearsal ended otherwise than the migration.\n"
    lines = [
        f"- {c.guest}, {c.machine}, {c.state}, {c.source} → {c.target}: rehearsed"
        f" {c.rehearsed.kind}, really {c.real.kind}\n"
        for c in wrong
    ]
    return "\nThese ended otherwise:\n\n" + "".join(lines)


def _moments(cells: Sequence[Cell]) -> list[str]:
    rows: list[str] = []
    for state in (*_STATES, ""):
        here = [cell for cell in cells if state in ("", cell.state)]
        for moment in MOMENTS:
            if known := [cell for cell in here if moment in cell.verdicts]:
                rows.append(_moment_row(state or "**all**", moment, known))
    return rows


def _moment_row(state: str, moment: str, cells: Sequence[Cell]) -> str:
    kinds = Counter(kind_of(cell.verdicts[moment], loads=cell.real.loads) for cell in cells)
    fail = sum(not cell.real.loads for cell in cells)
    figures = " | ".join(str(kinds[k]) for k in get_args(Kind))
    return f"| {state} | {moment} | {len(cells)} | {fail} | {figures} |\n"


def write_section(page: Path, cells: Sequence[Cell], judged: str) -> None:
    """Put the section into the page, in the place of the one that is there, or at its end."""
    page.write_text(with_section(page.read_text(), TITLE, render(cells, judged)))
