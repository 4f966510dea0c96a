"""Keeping what a verdict got wrong: the migration made once more, as an archive to look into."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

from qcompat.errors import QcompatError
from qcompat.local.home import data_home
from qcompat.portrait.obtain import obtain
from qcompat.portrait.portrait import Portrait
from qcompat.trial.matrix.cell import Cell, Matrix
from qcompat.trial.matrix.question.spec import MatrixSpec

MOST = 10
"""Archives of one matrix: a rule that is wrong is wrong in many cells at once."""
PLACE = "contradictions"


def keep_contradictions(spec: MatrixSpec, matrix: Matrix) -> tuple[Path, ...]:
    """The archives of the first cells that contradict their verdicts, below the data home."""
    wrong = [cell for cell in matrix.cells if cell.contradicts]
    return tuple(path for cell in wrong[:MOST] for path in _kept(spec, cell))


def _kept(spec: MatrixSpec, cell: Cell) -> Iterator[Path]:
    """An archive less is no reason to lose a matrix."""
    with contextlib.suppress(QcompatError, OSError):
        yield _keep(spec, cell)


def _keep(spec: MatrixSpec, cell: Cell) -> Path:
    from qcompat.trial import archive
    from qcompat.trial.perform import Plan, perform
    from qcompat.trial.stop import Stop

    entry = next(entry for entry in spec.entries if entry.key == cell.key[:2])
    builds = {build.name: build for build in spec.builds}
    stops = tuple(Stop(builds[name], entry.guest) for name in (cell.source, cell.target))
    plan = Plan(stops, spec.accel)
    portraits: tuple[Portrait | str, ...] = tuple(
        obtain(stop.build.name, entry.guest, accel=spec.accel) for stop in stops
    )
    with contextlib.ExitStack() as stack:
        done = asyncio.run(perform(plan, portraits, stack, lambda _: None))
        name, content = archive.keep(done, stops, portraits, accel=spec.accel)
    path = data_home() / PLACE / name
    archive.write(path, content)
    return path
