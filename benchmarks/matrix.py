"""How long the whole canary matrix takes, and whether its cells are what single guests say.

    python -m benchmarks.matrix [--machine TYPE] [--guests N] [--verify] [BUILD…]

Target: under 150 s for all devices on pc-q35-7.2 over the five Debian builds, on two cores with
KVM. `--verify` tries every cell once more in the plain way, with two QEMUs of its own, and lists
each cell with another outcome. These are then tried three times more, to tell outcomes that vary
between runs from those that sharing a guest changed.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Mapping

import msgspec

from benchmarks.plain_canary import MACHINE, ask, plainly, sample
from qcompat.portrait.portraits import Portraits
from qcompat.qemu.outcome import Outcome
from qcompat.trial.matrix.cell import Cell, CellKey
from qcompat.trial.matrix.question.spec import MatrixSpec
from qcompat.trial.matrix.running.cpu_aliases import find_cpu_aliases
from qcompat.trial.matrix.running.run import MatrixRun
from qcompat.trial.matrix.running.run_batch import Local, usual_jobs

AGAIN = 3


def main() -> None:
    """Print the time, and every disagreement if they are to be looked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("builds", nargs="*")
    parser.add_argument("--machine", default=MACHINE)
    parser.add_argument("--guests", type=int, default=0, help="a sample of so many; 0: all")
    parser.add_argument("--jobs", type=int, default=usual_jobs(), help="QEMUs at once")
    parser.add_argument("--blind", action="store_true", help="without verdicts to plan by")
    parser.add_argument("--verify", action="store_true", help="try every cell alone as well")
    given = parser.parse_args()

    spec = sample(ask(given.builds, given.machine), given.guests, 0)
    cells, seconds = asyncio.run(_timed(spec, given.jobs, predict=not given.blind))
    alone = sum(cell.alone for cell in cells.values())
    fail = sum(not cell.outcome.loads for cell in cells.values())
    print(f"{len(cells)} cells in {seconds:.1f} s; {alone} tried alone, {fail} do not load")
    if given.verify:
        asyncio.run(_verify(spec, cells, given.jobs))


async def _timed(
    spec: MatrixSpec, jobs: int, *, predict: bool
) -> tuple[Mapping[CellKey, Cell], float]:
    start = time.perf_counter()
    local = Local(jobs)
    run = MatrixRun(
        spec,
        local.perform,
        lambda _: None,
        width=local.width,
        cpu_aliases=await find_cpu_aliases(spec),
        portraits=Portraits.here() if predict else None,
    )
    await run.finish()
    return run.cells, time.perf_counter() - start


async def _verify(spec: MatrixSpec, cells: Mapping[CellKey, Cell], jobs: int) -> None:
    start = time.perf_counter()
    single = await plainly(spec, jobs)
    print(f"{len(single)} cells alone in {time.perf_counter() - start:.1f} s")
    differing = [key for key, outcome in single.items() if outcome.kind != cells[key].outcome.kind]
    wrong = 0
    for key in differing:
        kinds = [single[key].kind, *[(await _once(spec, key)).kind for _ in range(AGAIN)]]
        is_flaky = len(set(kinds)) > 1 or cells[key].is_flaky
        wrong += not is_flaky
        print(f"{' '.join(key)}: {_told(cells[key])}; alone {', '.join(kinds)}")
        print(f"    {'flaky' if is_flaky else 'DISAGREES'}: {single[key].message[:300]}")
    print(f"{len(single)} cells alone: {wrong} disagree, {len(differing) - wrong} are flaky")


async def _once(spec: MatrixSpec, key: CellKey) -> Outcome:
    entries = tuple(entry for entry in spec.entries if entry.key == key[:2])
    able = tuple(build for build in spec.able[key[0]] if build.name in key[2:])
    found = await plainly(
        msgspec.structs.replace(spec, entries=entries, able={key[0]: able}), jobs=1
    )
    return found[key]


def _told(cell: Cell) -> str:
    how = "alone" if cell.alone else f"as {cell.through}" if cell.through else "in company"
    counts = f" {cell.counts}" if cell.counts else ""
    return f"matrix {cell.outcome.kind} {how}{counts}"


if __name__ == "__main__":
    main()
