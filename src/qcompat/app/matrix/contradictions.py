"""Keeping what a verdict got wrong: the migration made once more, as an archive to look into."""

from __future__ import annotations

import contextlib
from pathlib import Path

from qcompat.errors import QcompatError
from qcompat.portrait.portraits import Portraits
from qcompat.trial.matrix.cell import Cell, Matrix
from qcompat.trial.matrix.question.spec import MatrixSpec

MOST = 10
"""Archives of one matrix: a rule that is wrong is wrong in many cells at once."""
PLACE = "contradictions"


async def keep_contradictions(
    portraits: Portraits, spec: MatrixSpec, matrix: Matrix
) -> tuple[Path, ...]:
    """The archives of the first cells that contradict their verdicts, below the data home."""
    wrong = [cell for cell in matrix.cells if cell.contradicts]
    kept: list[Path] = []
    for cell in wrong[:MOST]:
        with contextlib.suppress(QcompatError, OSError):  # one less is no reason to lose a matrix
            kept.append(await _keep(portraits, spec, cell))
    return tuple(kept)


async def _keep(portraits: Portraits, spec: MatrixSpec, cell: Cell) -> Path:
    from qcompat.trial import archive
    from qcompat.trial.perform import TrialPlan, perform
    from qcompat.trial.stop import Stop

    entry = next(entry for entry in spec.entries if entry.key == cell.key[:2])
    builds = {build.name: build for build in spec.builds}
    stops = tuple(Stop(builds[name], entry.guest) for name in (cell.source, cell.target))
    plan = TrialPlan(stops, spec.accel)
    taken = [await portraits.of(stop.build, stop.guest, accel=spec.accel) for stop in stops]
    shown = tuple(taken)
    with contextlib.ExitStack() as stack:
        done = await perform(plan, shown, stack, lambda _: None)
        name, content = archive.pack_run(done, stops, shown, accel=spec.accel)
    path = portraits.registry.home / PLACE / name
    archive.write(path, content)
    return path
