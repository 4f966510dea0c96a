"""Scores verdicts against real loads and writes docs/accuracy.md: `python -m tools.accuracy`.

Without `--full` it tries a sample of device types, always the same one. Results are kept in
`--truth`, so an interrupted run continues; with `--minutes` it ends by itself, and the page says
how many of the cells are known. They are tried in a shuffled order, so that those are a fair
sample. `--again` only judges again.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.learn.learn import learn
from qcompat.local.home import cache_home
from qcompat.local.kvm import has_kvm
from qcompat.portrait.portrait import Accel
from tools.accuracy.cases import MACHINES, UNEQUAL_MACHINES, Case, equal_cases, unequal_cases
from tools.accuracy.measure import GroundTruth, collect, renew
from tools.accuracy.page import render
from tools.accuracy.rehearsals.page import TITLE as REHEARSALS
from tools.accuracy.repairs import read_repairs
from tools.accuracy.repairs_page import render_repairs
from tools.accuracy.score import Scored, score
from tools.accuracy.section import section, with_section
from tools.accuracy.whole.table import add_options, moment_of_code, whole_guests
from tools.builds import registered

SEED = 26
BATCH = 24
PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"


class Planned(NamedTuple):
    """A case, with the builds that have its machine type and the place of what was measured."""

    case: Case
    builds: tuple[Build, ...]
    truth: GroundTruth

    @property
    def cells(self) -> int:
        """How many loads it is."""
        count = len(self.builds)
        return count * count if self.case.differs else count * (count - 1)


def main() -> None:
    """Measure what is not known yet, score everything, write the page."""
    arguments = _arguments()
    accel: Accel = "kvm" if has_kvm() else "tcg"
    builds = [b for b in registered() if b.name.startswith(arguments.builds)]
    facts = {build.name: learn(build, cache=cache_home()) for build in builds}
    place = arguments.truth or cache_home() / "truth" / accel
    equal, unequal = _planned(builds, facts, place, arguments)
    _measure([*equal, *unequal], accel, arguments)
    scored = (_score(equal), _score(unequal))
    names = ", ".join(f"{build.name} ({build.identity.package})" for build in builds)
    extent = _extent((equal, unequal), sum(map(len, scored)), arguments)
    provenance = f"{extent}; accelerator {accel}; builds: {names}. Scored {moment_of_code()}."
    tried = render_repairs(read_repairs(place / "equal"), read_repairs(place / "unequal"))
    whole = whole_guests(builds, facts, place / "whole", arguments)
    rehearsals = section(PAGE.read_text(), REHEARSALS)  # a tool of its own writes them
    page = render(*scored, provenance, tried, whole)
    PAGE.write_text(with_section(page, REHEARSALS, rehearsals))
    print(PAGE.read_text())


def _planned(
    builds: Sequence[Build],
    facts: dict[str, BuildFacts],
    place: Path,
    arguments: argparse.Namespace,
) -> tuple[list[Planned], list[Planned]]:
    equal, unequal = GroundTruth(place / "equal", facts), GroundTruth(place / "unequal", facts)
    found: tuple[list[Planned], list[Planned]] = ([], [])
    for machine in MACHINES:
        able = _able(builds, facts, machine)
        cases = list(equal_cases(machine, [facts[b.name] for b in able]))
        found[0].extend(Planned(c, able, equal) for c in _sample(cases, arguments))
    for machine in UNEQUAL_MACHINES:
        able = _able(builds, facts, machine)
        cases = list(unequal_cases(machine))
        found[1].extend(Planned(c, able, unequal) for c in _sample(cases, arguments))
    return found


def _measure(planned: Sequence[Planned], accel: Accel, arguments: argparse.Namespace) -> None:
    """What is not known, until the time is up."""
    until = time.monotonic() + arguments.minutes * 60
    order = random.Random(SEED).sample(planned, len(planned))  # noqa: S311 - not for secrets
    for start in range(0, len(order), BATCH):
        batches: dict[tuple[int, str], list[Planned]] = {}
        for each in order[start : start + BATCH]:
            batches.setdefault((id(each.truth), each.case.machine), []).append(each)
        for batch in batches.values():
            cases, builds, truth = [p.case for p in batch], batch[0].builds, batch[0].truth
            if arguments.renew:
                asyncio.run(renew(cases, builds, truth, accel))
            if not arguments.again and time.monotonic() < until:
                asyncio.run(collect(cases, builds, truth, accel))


def _score(planned: Sequence[Planned]) -> list[Scored]:
    return score([each.case for each in planned], planned[0].truth) if planned else []


def _extent(tables: Sequence[Sequence[Planned]], loads: int, arguments: argparse.Namespace) -> str:
    """How many cells there are, and of how many there is no load, and why."""
    types = "All device types" if arguments.full else f"A sample of {arguments.sample} a machine"
    total = sum(planned.cells for table in tables for planned in table)
    known = sum(
        result.key in keys
        for table in tables
        if (keys := {planned.case.key for planned in table})
        for result in table[0].truth.results()
    )
    told = (
        f"{types}: {loads:,} loads; in {known - loads:,} cells the source does not start the guest"
    )
    if known == total:
        return told
    return f"{told}, {total - known:,} more were not tried here, in a random order"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="every device type, not a sample")
    parser.add_argument("--sample", type=int, default=25, help="how many guests a machine type")
    parser.add_argument("--minutes", type=float, default=math.inf, help="how long to load at most")
    parser.add_argument("--again", action="store_true", help="judge again, load nothing")
    parser.add_argument("--renew", action="store_true", help="take known portraits again")
    add_options(parser)
    parser.add_argument("--truth", type=Path, help="where results are kept")
    parser.add_argument(
        "--builds", default="debian-", help="what the names of the builds begin with"
    )
    return parser.parse_args()


def _able(builds: Sequence[Build], facts: dict[str, BuildFacts], machine: str) -> tuple[Build, ...]:
    return tuple(b for b in builds if machine in {known.name for known in facts[b.name].machines})


def _sample(cases: list[Case], arguments: argparse.Namespace) -> list[Case]:
    if arguments.full or len(cases) <= arguments.sample:
        return cases
    return random.Random(1).sample(cases, arguments.sample)  # noqa: S311 - not for secrets


if __name__ == "__main__":
    main()
