"""Giving cells their verdicts once it is known what happened: a failure must have its reason.

Portraits are taken only for cells that failed and have none at hand (or for all, if asked).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import msgspec

from qcompat.errors import QcompatError
from qcompat.trial.matrix.cell import Cell
from qcompat.trial.matrix.deciding.assemble import kept
from qcompat.trial.matrix.deciding.settling import CellKey
from qcompat.trial.matrix.question.named_guest import Entry
from qcompat.trial.matrix.question.spec import Scope
from qcompat.trial.matrix.running.predictions import look, with_verdict
from qcompat.verdict.judgement import Verdict

AT_ONCE = 2
"""Entries looked at side by side; each takes a portrait at a time."""


async def look_up(
    scope: Scope,
    cells: Mapping[CellKey, Cell],
    verdicts: Mapping[CellKey, Verdict],
    *,
    every: bool,
    on_entry: Callable[[str, int, int], None],
) -> dict[CellKey, Verdict | str]:
    """The verdicts, with those that had to be looked up; a text says why one could not be had.

    `on_entry` is told whose portraits are taken, and which of how many it is.
    """
    lacking: dict[tuple[str, str], list[CellKey]] = {}
    for key, cell in kept(cells).items():
        if key not in verdicts and (every or not cell.outcome.loads):
            lacking.setdefault(key[:2], []).append(key)
    gate = asyncio.Semaphore(AT_ONCE)
    found: dict[CellKey, Verdict | str] = dict(verdicts)

    async def one(number: int, entry: Entry) -> None:
        async with gate:
            on_entry(entry.name, number, len(lacking))
            found.update(await asyncio.to_thread(_look, scope, entry, lacking[entry.key]))

    wanted = [entry for entry in scope.entries if entry.key in lacking]
    await asyncio.gather(*(one(number, entry) for number, entry in enumerate(wanted, 1)))
    return found


def explained(
    cells: Mapping[CellKey, Cell], found: Mapping[CellKey, Verdict | str]
) -> dict[CellKey, Cell]:
    """The cells with their verdicts and reasons."""
    return {key: _told(cell, found.get(key)) for key, cell in cells.items()}


def _look(scope: Scope, entry: Entry, keys: list[CellKey]) -> Mapping[CellKey, Verdict | str]:
    names = {name for key in keys for name in key[2:]}
    builds = [build for build in scope.able[entry.machine] if build.name in names]
    try:
        seen = look(scope, entry, builds)
    except QcompatError as error:
        return dict.fromkeys(keys, f"no verdict: {error.message}")
    return {key: seen[key] for key in keys}


def _told(cell: Cell, found: Verdict | str | None) -> Cell:
    if isinstance(found, str):
        return msgspec.structs.replace(cell, predicted=None, reasons=(found,), remedy="")
    return with_verdict(cell, found)
