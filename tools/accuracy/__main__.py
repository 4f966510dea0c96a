"""Scores verdicts against real loads and writes docs/accuracy.md: `python -m tools.accuracy`.

Without `--full` it tries a sample of device types, always the same one. Results are kept in
`--truth`, so an interrupted run continues, and `--again` only judges again.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.learn.learn import learn
from qcompat.builds.registry import Registry
from qcompat.local.home import cache_home, data_home
from qcompat.local.kvm import has_kvm
from qcompat.portrait.portrait import Accel
from tools.accuracy.cases import MACHINES, UNEQUAL_MACHINES, Case, equal_cases, unequal_cases
from tools.accuracy.measure import GroundTruth, collect, renew
from tools.accuracy.page import render
from tools.accuracy.rehearsals.cell import read_cells
from tools.accuracy.rehearsals.page import write_section
from tools.accuracy.repairs import read_repairs
from tools.accuracy.repairs_page import render_repairs
from tools.accuracy.score import Scored, score
from tools.accuracy.whole.table import add_options, moment_of_code, whole_guests

PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"


def main() -> None:
    """Measure what is not known yet, score everything, write the page."""
    arguments = _arguments()
    accel: Accel = "kvm" if has_kvm() else "tcg"
    builds = [b for b in Registry(data_home()).list() if b.name.startswith(arguments.builds)]
    facts = {build.name: learn(build, cache=cache_home()) for build in builds}
    place = arguments.truth or cache_home() / "truth" / accel
    equal, unequal = GroundTruth(place / "equal", facts), GroundTruth(place / "unequal", facts)
    scored: tuple[list[Scored], list[Scored]] = ([], [])
    for machine in MACHINES:
        able = _able(builds, facts, machine)
        cases = _sample(list(equal_cases(machine, [facts[b.name] for b in able])), arguments)
        scored[0].extend(_run(cases, able, equal, accel, arguments))
    for machine in UNEQUAL_MACHINES:
        able = _able(builds, facts, machine)
        cases = _sample(list(unequal_cases(machine)), arguments)
        scored[1].extend(_run(cases, able, unequal, accel, arguments))
    names = ", ".join(f"{build.name} ({build.identity.package})" for build in builds)
    extent = "All" if arguments.full else f"A sample of {arguments.sample}"
    provenance = (
        f"{extent} device types; accelerator {accel}; builds: {names}. Scored {moment_of_code()}."
    )
    tried = render_repairs(read_repairs(place / "equal"), read_repairs(place / "unequal"))
    whole = whole_guests(builds, facts, place / "whole", arguments)
    PAGE.write_text(render(*scored, provenance, tried, whole))
    write_section(PAGE, read_cells(cache_home() / "truth" / "rehearsals.jsonl"))
    print(PAGE.read_text())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="every device type, not a sample")
    parser.add_argument("--sample", type=int, default=25, help="how many guests a machine type")
    parser.add_argument("--again", action="store_true", help="judge again, load nothing")
    parser.add_argument("--renew", action="store_true", help="take known portraits again")
    add_options(parser)
    parser.add_argument("--truth", type=Path, help="where results are kept")
    parser.add_argument(
        "--builds", default="debian-", help="what the names of the builds begin with"
    )
    return parser.parse_args()


def _able(builds: Sequence[Build], facts: dict[str, BuildFacts], machine: str) -> list[Build]:
    return [b for b in builds if machine in {known.name for known in facts[b.name].machines}]


def _sample(cases: list[Case], arguments: argparse.Namespace) -> list[Case]:
    if arguments.full or len(cases) <= arguments.sample:
        return cases
    return random.Random(1).sample(cases, arguments.sample)  # noqa: S311 - not for secrets


def _run(
    cases: list[Case],
    builds: list[Build],
    truth: GroundTruth,
    accel: Accel,
    arguments: argparse.Namespace,
) -> list[Scored]:
    if arguments.renew:
        asyncio.run(renew(cases, builds, truth, accel))
    if not arguments.again:
        asyncio.run(collect(cases, builds, truth, accel))
    return score(cases, truth)


if __name__ == "__main__":
    main()
