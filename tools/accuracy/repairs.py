"""How many blocked cells can be repaired: `python -m tools.accuracy.repairs`.

Every cell that really failed (`tools.accuracy` measured which) is repaired, and the remedy proven
by real loads; where none is found, every single property is tried. Without `--full` it tries a
sample of the cells, always the same one. Results are kept beside those of the loads, so an
interrupted run continues, and `tools.accuracy` writes them into docs/accuracy.md.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.learn.learn import learn
from qcompat.errors import QcompatError
from qcompat.local.home import cache_home
from qcompat.local.kvm import has_kvm
from qcompat.portrait.portrait import Accel
from qcompat.portrait.portraits import Portraits
from qcompat.report.repair.words import (
    contradiction_text,
    open_text,
    proof_lines,
    reasons_of,
)
from qcompat.trial.repair.case import Bounds
from qcompat.trial.repair.repair import repair
from qcompat.verdict.remedy import Remedy, Unrepairable
from tools.accuracy.cases import (
    MACHINES,
    UNEQUAL_MACHINES,
    Case,
    Result,
    equal_cases,
    unequal_cases,
)
from tools.accuracy.measure import GroundTruth
from tools.builds import registered

BOUNDS = Bounds(seconds=120, attempts=400)
FILE = "repairs.jsonl"


class Repaired(msgspec.Struct, frozen=True):
    """What came of one blocked cell; `settings` are the remedy's, `why` says more of the rest."""

    key: str
    case: str
    machine: str
    source: str
    target: str
    came: Literal["repaired", "unrepairable", "open"]
    seconds: float
    settings: tuple[str, ...] = ()
    why: str = ""

    @property
    def cell(self) -> tuple[str, str, str]:
        """What the cell is found by."""
        return self.key, self.source, self.target


def read_repairs(place: Path) -> list[Repaired]:
    """All that were tried so far."""
    file = place / FILE
    lines = file.read_bytes().splitlines() if file.exists() else []
    return [msgspec.json.decode(line, type=Repaired) for line in lines]


async def collect_repairs(
    cells: Sequence[tuple[Case, Result]], builds: Sequence[Build], truth: GroundTruth, place: Path
) -> None:
    """Repair every cell that was not tried before, one after the other: a repair uses two cores."""
    done = {each.cell for each in read_repairs(place)}
    named = {build.name: build for build in builds}
    for case, result in cells:
        if (result.key, result.source, result.target) in done:
            continue
        came = await _try(case, result, named, truth)
        with (place / FILE).open("ab") as file:
            file.write(msgspec.json.encode(came) + b"\n")
        print(f"{came.came:12} {came.seconds:5.1f} s  {came.case}  {came.source} → {came.target}")


async def _try(
    case: Case, result: Result, builds: dict[str, Build], truth: GroundTruth
) -> Repaired:
    source = truth.get(result.source, case.source)
    began = time.monotonic()
    found: Remedy | Unrepairable | str | None
    try:
        home, target = builds[result.source], builds[result.target]
        found = await repair(
            Portraits.here(), source, target, case.target, prove=home, bounds=BOUNDS
        )
    except QcompatError as error:
        found = error.message
    return _told(result, found, time.monotonic() - began)


def _told(result: Result, found: Remedy | Unrepairable | str | None, seconds: float) -> Repaired:
    came: Literal["repaired", "unrepairable", "open"] = "open"
    settings: tuple[str, ...] = ()
    why = "the verdict says that it loads" if found is None else str(found)
    if isinstance(found, Remedy):
        came = "repaired" if found.certainty == "proven" else "open"
        settings = tuple(f"{s.name or s.driver}={s.value}" for s in found.settings)
        why = "; ".join(proof_lines(found.proof))
    elif isinstance(found, Unrepairable):
        came = "unrepairable" if found.is_proven and not found.contradictions else "open"
        why = "; ".join((*reasons_of(found), open_text(found), contradiction_text(found)))
    return Repaired(
        key=result.key,
        case=result.case,
        machine=result.machine,
        source=result.source,
        target=result.target,
        came=came,
        seconds=round(seconds, 2),
        settings=settings,
        why=why[-600:],
    )


def blocked_cells(cases: Iterable[Case], truth: GroundTruth) -> list[tuple[Case, Result]]:
    """The cells that really failed on the target, each with its guests."""
    by_key = {case.key: case for case in cases}
    return [
        (by_key[result.key], result)
        for result in truth.results()
        if result.key in by_key and result.kind not in ("loaded", "no_stream")
    ]


def main() -> None:
    """Repair what is not tried yet, of equal and of unequal guests."""
    arguments = _arguments()
    accel: Accel = "kvm" if has_kvm() else "tcg"
    builds = [b for b in registered() if b.name.startswith(arguments.builds)]
    facts = {build.name: learn(build, cache=cache_home()) for build in builds}
    place = arguments.truth or cache_home() / "truth" / accel
    told = [facts[build.name] for build in builds]
    able = {m: [f for f in told if m in {each.name for each in f.machines}] for m in MACHINES}
    equal = [case for m in MACHINES if able[m] for case in equal_cases(m, able[m])]
    unequal = [case for m in UNEQUAL_MACHINES for case in unequal_cases(m)]
    for name, cases in (("equal", equal), ("unequal", unequal)):
        truth = GroundTruth(place / name, facts)
        cells = _sample(blocked_cells(cases, truth), arguments)
        asyncio.run(collect_repairs(cells, builds, truth, place / name))


def _sample(
    cells: list[tuple[Case, Result]], arguments: argparse.Namespace
) -> list[tuple[Case, Result]]:
    if arguments.full or len(cells) <= arguments.sample:
        return cells
    return random.Random(1).sample(cells, arguments.sample)  # noqa: S311 - not for secrets


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="every blocked cell, not a sample")
    parser.add_argument("--sample", type=int, default=40, help="how many cells of each kind")
    parser.add_argument("--truth", type=Path, help="where what was found out is kept")
    parser.add_argument("--builds", default="debian-", help="builds whose name begins so")
    return parser.parse_args()


if __name__ == "__main__":
    main()
