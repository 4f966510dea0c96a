"""Portraits for the verdicts of a matrix: those at hand before the loads, others after them.

After the loads, portraits are taken only for cells that have no verdict yet and failed, or whose
guest had to be tried without a part of it (or for all cells, if asked): there must be a reason.
What follows from portraits is `deciding.verdicts`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from qcompat.errors import BuildError, QcompatError
from qcompat.portrait.portraits import Portraits
from qcompat.trial.matrix.cell import Cell, CellKey
from qcompat.trial.matrix.deciding.assemble import savable_cells
from qcompat.trial.matrix.deciding.verdicts import Verdicts, judge_cells
from qcompat.trial.matrix.question.matrix_entry import MatrixEntry
from qcompat.trial.matrix.question.spec import MatrixSpec
from qcompat.verdict.judgement import Verdict

AT_ONCE = 2
"""Entries whose portraits are taken side by side; each takes one at a time."""


def verdicts_at_hand(portraits: Portraits, spec: MatrixSpec, entry: MatrixEntry) -> Verdicts:
    """The verdicts of an entry's cells for which both portraits are at hand."""
    known = {
        build.name: portraits.at_hand(build, entry.guest, accel=spec.accel)
        for build in spec.able[entry.machine]
    }
    found: dict[CellKey, Verdict] = {}
    for kind in ("bundled", "cached"):  # those taken here know more of here, so they come last
        found.update(judge_cells(entry, {n: p[kind] for n, p in known.items() if kind in p}))
    return found


async def complete_verdicts(
    portraits: Portraits,
    spec: MatrixSpec,
    cells: Mapping[CellKey, Cell],
    verdicts: Mapping[CellKey, Verdict],
    *,
    every: bool,
    on_entry: Callable[[str, int, int], None],
) -> dict[CellKey, Verdict | str]:
    """The verdicts, with those that lacked a portrait; a text says why there is no verdict.

    `on_entry` is given the name of the guest whose portraits are taken, its number and the total.
    """
    partial = {entry.key for entry in spec.entries if _is_partial(portraits, spec, entry)}
    lacking: dict[tuple[str, str], list[CellKey]] = {}
    for key, cell in savable_cells(cells).items():
        if key not in verdicts and (every or not cell.outcome.loads or key[:2] in partial):
            lacking.setdefault(key[:2], []).append(key)
    gate = asyncio.Semaphore(AT_ONCE)
    found: dict[CellKey, Verdict | str] = dict(verdicts)

    async def one(number: int, entry: MatrixEntry) -> None:
        async with gate:
            on_entry(entry.name, number, len(lacking))
            found.update(await _take(portraits, spec, entry, lacking[entry.key]))

    wanted = [entry for entry in spec.entries if entry.key in lacking]
    await asyncio.gather(*(one(number, entry) for number, entry in enumerate(wanted, 1)))
    return found


def _is_partial(portraits: Portraits, spec: MatrixSpec, entry: MatrixEntry) -> bool:
    """Whether a load of the twin tells less than a verdict does."""
    own = entry.guest.own
    if entry.guest.missing or not own:
        return bool(entry.guest.missing)
    from qcompat.portrait.refused_options import refused_options

    try:
        asked = (refused_options(b, own, portraits.cache) for b in spec.able[entry.machine])
        return any(asked)
    except BuildError:
        return True


async def _take(
    portraits: Portraits, spec: MatrixSpec, entry: MatrixEntry, keys: list[CellKey]
) -> Mapping[CellKey, Verdict | str]:
    """The verdicts of these cells, from portraits that are taken where they are missing."""
    names = {name for key in keys for name in key[2:]}
    builds = [build for build in spec.able[entry.machine] if build.name in names]
    try:
        taken = {b.name: await portraits.of(b, entry.guest, accel=spec.accel) for b in builds}
    except QcompatError as error:
        return dict.fromkeys(keys, f"no verdict: {error.message}")
    found = judge_cells(entry, taken)
    return {key: found[key] for key in keys}
