"""Canary loads a minute: `qcompat matrix` against the plain way, in the same run.

    python -m benchmarks.canary [--guests N] [--runs N] [--jobs N] [--blind] [BUILD…]

Target: at least 3 times as many. The peer does for every cell what the cell says: start the
source's QEMU, save the guest, start the target's QEMU, load it; with as many QEMUs at once as ours.
The guests are what `--devices all` tries, or a sample with processor types in their proportion.
Each processor type needs a QEMU of its own for every save and load, so these gain 1.5 times at
most, except where two names are one processor. Small samples make small groups and part aliases.
A run of all guests takes some minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time

from benchmarks.plain_canary import MACHINE, ask, plainly, sample
from qcompat.portrait.portraits import Portraits
from qcompat.trial.matrix.question.spec import MatrixSpec
from qcompat.trial.matrix.running.cpu_aliases import find_cpu_aliases
from qcompat.trial.matrix.running.run import MatrixRun
from qcompat.trial.matrix.running.run_batch import Local, usual_jobs


def main() -> None:
    """Print loads a minute of both, and the ratio of every pair of runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("builds", nargs="*")
    parser.add_argument("--guests", type=int, default=0, help="a sample of so many; 0: all")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=usual_jobs(), help="QEMUs at once")
    parser.add_argument("--blind", action="store_true", help="without verdicts to plan by")
    parser.add_argument("--machine", default=MACHINE)
    given = parser.parse_args()
    whole = ask(given.builds, given.machine)
    ratios: list[float] = []
    for number in range(given.runs):
        spec = sample(whole, given.guests, number)
        cells = len(tuple(spec.keys))
        ours, peer = asyncio.run(_pair(spec, given.jobs, given.blind))
        ratios.append(peer / ours)
        rates = ", ".join(
            f"{name} {cells / s * 60:.0f}" for name, s in (("matrix", ours), ("plain", peer))
        )
        print(
            f"{cells} loads, {given.jobs} QEMUs at once: {rates} a minute; {ratios[-1]:.2f} times"
        )
    print(f"median {statistics.median(ratios):.2f} times as many (target: 3)")


async def _pair(spec: MatrixSpec, jobs: int, blind: bool) -> tuple[float, float]:
    start = time.perf_counter()
    local = Local(jobs)
    await MatrixRun(
        spec,
        local.perform,
        lambda _: None,
        width=local.width,
        cpu_aliases=await find_cpu_aliases(spec),
        portraits=None if blind else Portraits.here(),
    ).finish()
    between = time.perf_counter()
    await plainly(spec, jobs)
    return between - start, time.perf_counter() - between


if __name__ == "__main__":
    main()
