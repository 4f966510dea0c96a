"""Measures rehearsals: `python -m tools.accuracy.rehearsals --seconds 500`.

Cells go to `--truth`, one JSON document a line; what is there is not measured again, so that a
long run may be made in portions. Without `--seconds` all is measured that is left. `--page` writes
the section of docs/accuracy.md from it.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.learn.learn import learn
from qcompat.builds.registry import Registry
from qcompat.errors import QcompatError
from qcompat.local.home import cache_home, data_home
from qcompat.portrait.portraits import Portraits
from tools.accuracy.rehearsals.cell import Cell, read_cells
from tools.accuracy.rehearsals.guests import recipes
from tools.accuracy.rehearsals.measure import Case, measure_firmware, measure_linux
from tools.accuracy.rehearsals.page import write_section

PAGE = Path(__file__).parents[3] / "docs" / "accuracy.md"
PHASES = ("linux", "firmware")


def main() -> None:
    """Measure until the time is over, or write down what was measured."""
    arguments = _arguments()
    if arguments.page:
        write_section(PAGE, read_cells(arguments.truth))
        return
    arguments.truth.parent.mkdir(parents=True, exist_ok=True)
    done = {_key(cell) for cell in read_cells(arguments.truth)}
    end = time.monotonic() + (arguments.seconds or float("inf"))
    for phase, case in itertools.product(PHASES, _mixed(_cases())):
        key = (case.recipe.name, case.machine, case.source.name, phase)
        wanted = f"{case.recipe.name} {case.machine} {case.source.name} {phase}"
        if key in done or arguments.only not in wanted:
            continue
        if time.monotonic() > end:
            break
        start = time.monotonic()
        cells = asyncio.run(_measure(case, phase, arguments.load))
        _add(arguments.truth, cells)
        wrong = [cell for cell in cells if not cell.agrees]
        print(
            f"{wanted}: {len(cells)} cells, {len(wrong)} disagree, "
            f"{time.monotonic() - start:.0f} s",
            flush=True,
        )
        for cell in wrong:
            print(f"  {cell.state} → {cell.target}: rehearsed {cell.rehearsed}, real {cell.real}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--truth", type=Path, default=cache_home() / "truth" / "rehearsals.jsonl")
    parser.add_argument("--seconds", type=float, help="begin nothing after so long")
    parser.add_argument("--load", type=float, default=20, help="seconds of work before `loaded`")
    parser.add_argument("--only", default="", help="what the name of a case has to contain")
    parser.add_argument("--page", action="store_true", help="write the section of the page alone")
    return parser.parse_args()


def _key(cell: Cell) -> tuple[str, str, str, str]:
    phase = "firmware" if cell.state == "firmware" else "linux"
    return cell.guest, cell.machine, cell.source, phase


def _cases() -> Iterator[Case]:
    builds = [b for b in Registry(data_home()).list() if b.name.startswith("debian-")]
    for recipe in recipes():
        for machine in recipe.machines:
            able = [build for build in builds if _knows(build, machine)]
            for source in able:
                others = tuple(build for build in able if build != source)
                yield Case(recipe, machine, source, others)


def _mixed(cases: Iterator[Case]) -> list[Case]:
    """Always the same order, in which a part of the whole is a sample of it."""
    listed = list(cases)
    return random.Random(1).sample(listed, len(listed))  # noqa: S311 - not for secrets


def _knows(build: Build, machine: str) -> bool:
    return machine in {known.name for known in learn(build, cache=cache_home()).machines}


async def _measure(case: Case, phase: str, load: float) -> tuple[Cell, ...]:
    portraits = Portraits.here()
    if phase == "firmware":
        return await measure_firmware(case, portraits)
    found: list[Cell] = []
    try:
        async for cells in measure_linux(case, portraits, load):
            found += cells
    except QcompatError as error:
        print(f"  stopped: {error.message}", flush=True)
    return tuple(found)


def _add(path: Path, cells: tuple[Cell, ...]) -> None:
    with path.open("ab") as file:
        file.write(b"".join(msgspec.json.encode(cell) + b"\n" for cell in cells))


if __name__ == "__main__":
    main()
