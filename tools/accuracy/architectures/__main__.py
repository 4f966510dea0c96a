"""Scores verdicts on other architectures: `python -m tools.accuracy.architectures [NAME …]`.

Loads what is not known yet for `--minutes`, guests in a shuffled order that is always the same, and
writes docs/accuracy-architectures.md from all that is known. Results are kept in `--truth`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from qcompat.builds.build import Build
from qcompat.builds.learn.learn import learn
from qcompat.local.home import cache_home
from tools.accuracy.architectures.cells import Tried, able, cases_of, collect, score, tried
from tools.accuracy.architectures.page import render
from tools.accuracy.cases import Case
from tools.accuracy.measure import GroundTruth
from tools.accuracy.whole.table import moment_of_code
from tools.builds import registered

PAGE = Path(__file__).parents[3] / "docs" / "accuracy-architectures.md"
SEED = 18
BATCH = 24


class Planned(NamedTuple):
    """A case of an architecture, with the builds that have its machine type."""

    entry: Tried
    case: Case
    builds: list[Build]
    truth: GroundTruth


def main() -> None:
    """Load, score, write the page."""
    arguments = _arguments()
    names = arguments.names or list(tried())
    place = arguments.truth or cache_home() / "truth" / "architectures"
    planned = {name: _planned(name, place / name) for name in names}
    _measure([each for found in planned.values() for each in found], arguments.minutes)
    found = {
        name: score(each[0].entry, [p.case for p in each], each[0].truth)
        for name, each in planned.items()
        if each
    }
    builds = dict.fromkeys(b.name for each in planned.values() for p in each for b in p.builds)
    extent = f"{_extent(list(planned.values()), sum(map(len, found.values())))}; builds: "
    provenance = f"{extent}{', '.join(builds)}. Scored {moment_of_code()}."
    PAGE.write_text(render(found, tried(), provenance))
    print(PAGE.read_text())


def _planned(name: str, place: Path) -> list[Planned]:
    builds = registered(name)
    facts = {build.name: learn(build, cache=cache_home()) for build in builds}
    truth, entry = GroundTruth(place, facts), tried()[name]
    return [
        Planned(entry, case, having, truth)
        for machine in entry.machines
        if (having := able(builds, facts, machine))
        for case in cases_of(entry, machine, [facts[b.name] for b in having])
    ]


def _extent(planned: Sequence[Sequence[Planned]], loads: int) -> str:
    """How many cells there are, and of how many there is no load, and why."""
    total = sum(len(p.builds) * (len(p.builds) - 1) for each in planned for p in each)
    known = sum(
        result.key in keys
        for each in planned
        if (keys := {p.case.key for p in each})
        for result in each[0].truth.results()
    )
    told = f"{loads:,} loads; in {known - loads:,} cells the source does not start the guest"
    return f"{told}, {total - known:,} were not tried, in a random order" if known < total else told


def _measure(planned: Sequence[Planned], minutes: float) -> None:
    """Processors first, since they are few; then devices, until the time is up."""
    until = time.monotonic() + minutes * 60
    order = random.Random(SEED).sample(planned, len(planned))  # noqa: S311 - not for secrets
    order.sort(key=lambda each: not each.case.label.startswith("-"))
    for start in range(0, len(order), BATCH):
        batches: dict[tuple[int, str], list[Planned]] = {}
        for each in order[start : start + BATCH]:
            batches.setdefault((id(each.truth), each.case.machine), []).append(each)
        for batch in batches.values():
            if time.monotonic() > until:
                return
            first = batch[0]
            cases = [each.case for each in batch]
            asyncio.run(collect(first.entry, cases, first.builds, first.truth))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="architectures; by default all of the table")
    parser.add_argument("--minutes", type=float, default=0.0, help="how long to load at most")
    parser.add_argument("--truth", type=Path, help="where results are kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
