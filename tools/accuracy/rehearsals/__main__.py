"""Measures rehearsals: `python -m tools.accuracy.rehearsals --seconds 500`.

Cells go to `--truth`, one JSON document a line, and what was taken of the guests beside it; what is
there is not measured again, so that a long run may be made in portions, and by several processes
side by side, each its own `--part`. Without `--seconds` all is measured that is left. `--again`
measures nothing: it judges all cells anew, by the portraits of every moment, and writes the section
of docs/accuracy.md.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import math
import random
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.learn.learn import learn
from qcompat.errors import QcompatError
from qcompat.local.home import cache_home
from qcompat.portrait.portraits import Portraits
from tools.accuracy.rehearsals.both_ways import Measured
from tools.accuracy.rehearsals.guests import recipes
from tools.accuracy.rehearsals.measure import Case, measure_firmware, measure_linux
from tools.accuracy.rehearsals.page import write_section
from tools.accuracy.rehearsals.truth import Truth
from tools.accuracy.rehearsals.verdicts import score
from tools.accuracy.whole.table import moment_of_code
from tools.builds import registered

PAGE = Path(__file__).parents[3] / "docs" / "accuracy.md"
PHASES = ("linux", "firmware")


def main() -> None:
    """Measure until the time is over, or judge what was measured and write it down."""
    arguments = _arguments()
    arguments.truth.parent.mkdir(parents=True, exist_ok=True)
    truth = Truth(arguments.truth)
    end = time.monotonic() + arguments.seconds
    if arguments.again:
        cells = asyncio.run(score(truth, Portraits.here(), _say, end))
        write_section(PAGE, cells, f"Judged {moment_of_code()}.")
        return
    part, parts = map(int, arguments.part.split("/"))
    ours = _mixed(_cases(arguments))[part - 1 :: parts]
    for phase, case in itertools.product(PHASES, ours):
        wanted = f"{case.recipe.name} {case.machine} {case.source.name} {phase}"
        done = truth.states(case.recipe.name, case.machine, case.source.name)
        here = msgspec.structs.replace(case, done=done)
        is_done = "firmware" in done if phase == "firmware" else not here.states
        if is_done or arguments.only not in wanted:
            continue
        if time.monotonic() > end:
            break
        asyncio.run(_measure(here, phase, truth, wanted))


async def _measure(case: Case, phase: str, truth: Truth, wanted: str) -> None:
    """Write what comes of a case, one state after the other."""
    portraits = Portraits.here()
    try:
        if phase == "firmware":
            _add(truth, await measure_firmware(case, portraits), wanted)
            return
        async for measured in measure_linux(case, portraits):
            _add(truth, measured, wanted)
    except QcompatError as error:
        _say(f"{wanted}: stopped: {error.message}")


def _add(truth: Truth, measured: Measured, wanted: str) -> None:
    truth.add(*measured)
    wrong = [cell for cell in measured.cells if not cell.agrees]
    state = measured.cells[0].state
    _say(f"{wanted}, {state}: {len(measured.cells)} cells, {len(wrong)} disagree")
    for cell in wrong:
        _say(f"  → {cell.target}: rehearsed {cell.rehearsed}, real {cell.real}")


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--truth", type=Path, default=cache_home() / "truth" / "rehearsals.jsonl")
    parser.add_argument(
        "--seconds",
        type=float,
        default=math.inf,
        help="begin nothing, and take nothing, after so long",
    )
    parser.add_argument("--load", type=float, default=20, help="seconds of work before `loaded`")
    parser.add_argument(
        "--long-load", type=float, default=120, help="the same, of one source of each guest"
    )
    parser.add_argument("--only", default="", help="what the name of a case has to contain")
    parser.add_argument("--part", default="1/1", help="K/N: the Kth of N parts of the cases")
    parser.add_argument("--again", action="store_true", help="measure nothing, judge and write")
    return parser.parse_args()


def _cases(arguments: argparse.Namespace) -> Iterator[Case]:
    builds = [b for b in registered() if b.name.startswith("debian-")]
    for number, (recipe, machine) in enumerate((r, m) for r in recipes() for m in r.machines):
        able = [build for build in builds if _knows(build, machine)]
        for source in able:
            is_long = source == able[number % len(able)]
            load = arguments.long_load if is_long else arguments.load
            others = tuple(build for build in able if build != source)
            yield Case(recipe, machine, source, others, load)


def _mixed(cases: Iterator[Case]) -> list[Case]:
    """Always the same order, in which a part of the whole is a sample of it."""
    listed = list(cases)
    return random.Random(1).sample(listed, len(listed))  # noqa: S311 - not for secrets


def _knows(build: Build, machine: str) -> bool:
    return machine in {known.name for known in learn(build, cache=cache_home()).machines}


if __name__ == "__main__":
    main()
