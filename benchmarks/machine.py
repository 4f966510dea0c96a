"""Machine types of builds, and QEMU's scripts/compare-machine-types.py beside ours.

    python -m benchmarks.machine [BUILD…]

Targets: 90 s to ask a build everything about all of its machine types, 0.3 s to answer from
what was kept. The script asks a build for its compat tables and class defaults; asking ours
includes what devices say under every machine type, so those two are not the same work: only
answers are compared with answers. Builds before 9.1 do not report tables, and the script ends.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.compare_defaults import DEAD, EQUAL, UNEQUAL, UNKNOWN, Score, compare_contents
from benchmarks.compare_machine_types import Script, ScriptError, read_table, script
from benchmarks.timing import time_pair
from qcompat.builds.build import Build
from qcompat.builds.learn.learn import learn
from qcompat.builds.registry import Registry
from qcompat.local.home import cache_home, data_home
from qcompat.local.kvm import has_kvm
from qcompat.machine.ask.gather import gather
from qcompat.machine.model import MachineFacts
from qcompat.machine.obtain import obtain_machines
from qcompat.machine.store import place_of, read_facts, shipped

QCOMPAT = str(Path(sys.executable).with_name("qcompat"))
BUILDS = ("debian-10.0.13", "debian-11.1.3")
MACHINE = "pc-q35-7.2"
RUNS = 5


def main() -> None:
    """Print the seconds of asking and of answering, and how the script compares."""
    registry = Registry(data_home())
    builds = [registry.get(name) for name in sys.argv[1:] or BUILDS]
    facts = {build.name: ask_again(build) for build in builds}
    for build in builds:
        answer(build)
    with script(builds) as peer:
        able = [build.name for build in builds if can_run(peer, build.name)]
        if able:
            in_turn(peer, able)
            compare(peer, able, facts)


def ask_again(build: Build) -> MachineFacts:
    """Gather the facts of all machine types, once, without keeping them; print the seconds."""
    known = learn(build, cache=cache_home())
    load = os.getloadavg()[0]
    start = time.perf_counter()
    found = asyncio.run(gather(build, known, "kvm" if has_kvm() else "tcg"))
    seconds = time.perf_counter() - start
    observed = sum(len(each.devices) for each in found.observed.values())
    print(
        f"{build.name}, asked again: {seconds:.1f} s for {len(found.machines)} machine types "
        f"({observed:,} devices made, {len(found.lost)} answers lost), load before {load:.1f} "
        f"on {os.cpu_count()} processors",
        flush=True,
    )
    return found


def answer(build: Build) -> None:
    """Time reading what was kept, and a whole command that answers from it."""
    asyncio.run(obtain_machines(build.name, print))
    kept = shipped().get(build.name) or place_of(build, cache_home())
    words = show(build.name)
    reading, whole = time_pair(
        ("read_facts", lambda: read_facts(kept)), (" ".join(words[1:]), lambda: _run(words)), RUNS
    )
    print(f"{build.name}, {kept.stat().st_size:,} bytes kept: {reading}; {whole}", flush=True)


def show(name: str) -> list[str]:
    """The command that tells a compat table."""
    return [QCOMPAT, "machine", "show", name, MACHINE]


def _run(words: Sequence[str]) -> None:
    done = subprocess.run(words, capture_output=True, check=False)
    if done.returncode not in (0, 1):  # 1: something differs
        raise SystemExit(f"{' '.join(words)} ended with {done.returncode}: {done.stderr.decode()}")


def can_run(peer: Script, name: str) -> bool:
    """Whether the script runs on the build; if not, why is printed."""
    try:
        peer.run([name])
    except ScriptError as error:
        print(f"{name}: the script cannot run: {error}")
        return False
    return True


def in_turn(peer: Script, names: list[str]) -> None:
    """Time the script on one build and on two, beside commands that answer such a question."""
    questions = {names[0]: (names[:1], show(names[0]))}
    if len(names) > 1:
        ends = [f"{name}:{MACHINE}" for name in names[:2]]
        questions[" and ".join(names[:2])] = (names[:2], [QCOMPAT, "machine", "diff", *ends])
    for label, (builds, words) in questions.items():
        ours, theirs = time_pair(
            (" ".join(words[1:3]), partial(_run, words)),
            ("script", partial(peer.run, builds)),
            RUNS,
        )
        print(f"{label}: {ours}; {theirs}; ratio {theirs.median / ours.median:.1f}", flush=True)


def compare(peer: Script, names: list[str], facts: dict[str, MachineFacts]) -> None:
    """Print how the values of the script compare with ours, build by build."""
    columns = read_table(peer.run(names))
    for name in names:
        score = compare_contents(facts[name], name, columns)
        print(f"{name}: {_total(score):,} rows of (machine type, driver, property)")
        _print(score)


def _total(score: Score) -> int:
    return score.rows.total() + score.without.total()


def _print(score: Score) -> None:
    unequal = {reason: score.rows[reason] for reason in UNEQUAL}
    print(f"  with a value: {score.rows.total():,}")
    print(f"    {EQUAL}: {score.rows[EQUAL]:,}")
    print(f"    unequal: {sum(unequal.values()):,}")
    for reason, count in unequal.items():
        print(f"      {reason}: {count:,}")
    for who, count in sorted(score.shown.items()):
        print(f"      of all these, {who}: {count:,}")
    for reason in (UNKNOWN, DEAD):
        print(f"    {reason}: {score.rows[reason]:,}")
    print(f"  without one: {score.without.total():,}")
    for (text, standing), count in sorted(score.without.items()):
        print(f"    {text!r}, {standing}: {count:,}")
    print(f"  values of ours that are no row of the script's: {score.beyond:,}")
    for machine, pair, told, ours in score.examples[:5]:
        print(f"  unexplained: {machine} {'.'.join(pair)}: {told} there, {ours} here")


if __name__ == "__main__":
    main()
