"""QEMU's scripts/compare-machine-types.py: running it on builds, and what it says against ours.

The script comes from Debian's source package with the package `qemu.machine` that it starts
binaries with. It wants a binary by its path: a wrapper stands in for each build and starts it
in its sandbox. It, the wrappers and a virtual environment with what the script imports live in
a private directory that is removed again. Which figures are printed is `machine`'s business.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.source_package import source_directory, source_file
from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.local.home import cache_home, make_private
from qcompat.local.kvm import has_kvm
from qcompat.machine.layers import matches
from qcompat.machine.model import MachineFacts, TypeFact
from qcompat.machine.resolve import Resolved, Unknown, resolve
from qcompat.machine.value import are_equal, canonical, kind_of
from tools.environment import make_venv

SCRIPT = "scripts/compare-machine-types.py"
PACKAGE = "python/qemu"
IMPORTED = ("pandas", "tabulate")

Pair = tuple[str, str]
"""Driver and property: a row of the script's table."""
Columns = Mapping[tuple[str, str], Mapping[Pair, str]]
"""The script's table: by build and machine type, its rows."""

EQUAL = "equal"
DEVICE = "ours is what a running device made of it, the script's the class default"
MODEL = "a CPU model sets it: the script asks for the model, ours is the class default"
HIDDEN = "a CPU's legacy-… property, which the build leaves out of its answers to us"
OPTIONAL = "the script gives an optional entry to a type that lacks the property"
BASE = "every table of a versioned machine type speaks of it, so ours is theirs"
OTHER = "other"
UNKNOWN = "ours unknown: the build tells no default without a machine"
DEAD = "an entry whose driver the build lacks: dead, in both"
UNEQUAL = (DEVICE, MODEL, HIDDEN, OPTIONAL, BASE, OTHER)

_NO_VALUE = frozenset(
    {
        "No default value",
        "Unavailable driver",
        "Unavailable method",
        "Unknown property",
        "Wrong x86_64-cpu name",
    }
)
# str() of a JSON boolean, which is how the script writes a default
_WORDS = {"True": "on", "False": "off"}
_CPU = "x86_64-cpu"


class ScriptError(Exception):
    """The script ended without a table; the last line that it said."""


@dataclass(frozen=True)
class Script:
    """The script, ready to run on builds."""

    interpreter: Path
    wrappers: Mapping[str, Path]

    def run(self, builds: Sequence[str]) -> str:
        """Its whole table of all machine types of these builds, as JSON. Errors: ScriptError."""
        accel = "kvm" if has_kvm() else "tcg"
        words = [str(self.interpreter), str(source_file(SCRIPT))]
        words += ["--all", "--raw", "--format", "json"]
        words += ["--qemu-args", f"-accel {accel} -machine none"]
        words += ["--qemu-binary", *(str(self.wrappers[name]) for name in builds)]
        path = str(source_directory(PACKAGE).parent)
        done = subprocess.run(
            words,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ScriptError((done.stderr.strip().splitlines() or ["it said nothing"])[-1])
        return done.stdout


@contextmanager
def script(builds: Sequence[Build]) -> Iterator[Script]:
    """The script with what it needs, as long as the context lasts."""
    make_private(cache_home())
    with tempfile.TemporaryDirectory(prefix="compare-machine-types-", dir=cache_home()) as place:
        environment = Path(place) / "environment"
        make_venv(environment)
        interpreter = environment / "bin" / "python"
        subprocess.run([interpreter, "-m", "pip", "-qq", "install", *IMPORTED], check=True)
        yield Script(interpreter, {build.name: _wrapper(build, Path(place)) for build in builds})


def _wrapper(build: Build, place: Path) -> Path:
    """A program that becomes the build, without the tether: the script is to be its parent."""
    words = command(build)
    start = next(at for at, word in enumerate(words) if word in ("bwrap", "env"))
    path = place / build.name
    path.write_text(f'#!/bin/sh\nexec {shlex.join(words[start:])} "$@"\n')
    path.chmod(0o700)
    return path


def read_table(printed: str) -> Columns:
    """What the script printed: pandas writes each column as an object, rows by number."""
    columns = json.loads(printed)
    pairs = list(zip(columns.pop("Driver").values(), columns.pop("Property").values(), strict=True))
    return {
        _ends(head): dict(zip(pairs, column.values(), strict=True))
        for head, column in columns.items()
    }


def _ends(head: str) -> tuple[str, str]:
    binary, _, machine = head.partition("\n")
    return Path(binary).name, machine


@dataclass
class Score:
    """What the comparison of one build counts.

    `rows` are the script's, by what was found; `without` those for which it has a text in place
    of a value, by that text and whether we know one. `beyond` are values that we know of pairs
    that are no row of its table. `shown` counts unequal rows by whose value a running device
    showed under the same machine type. `examples` are rows that are unequal for no known reason.
    """

    rows: Counter[str] = field(default_factory=Counter)
    without: Counter[tuple[str, str]] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)
    beyond: int = 0
    examples: list[tuple[str, Pair, str, str]] = field(default_factory=list)


def compare_contents(facts: MachineFacts, name: str, columns: Columns) -> Score:
    """Hold every row that the script printed of a build against what `resolve` says."""
    score = Score()
    for (build, machine), rows in columns.items():
        if build == name:
            ours = answers(facts, machine, {driver for driver, _ in rows})
            for pair, told in rows.items():
                _compare(score, facts, machine, pair, told, ours.get(pair))
            score.beyond += len(_known(facts, machine, ours) - rows.keys())
    return score


def answers(facts: MachineFacts, machine: str, drivers: set[str]) -> dict[Pair, Resolved]:
    """What `resolve` says of every property of these drivers and of all devices of the build."""
    table = facts.tables.get(machine, ())
    return {
        (name, each.property): each
        for name, fact in facts.types.items()
        if name in drivers or ("device" in fact.ancestors and not fact.is_abstract)
        for each in resolve(facts.types, table, name, facts.base.get(name, {}))
    }


def _known(facts: MachineFacts, machine: str, ours: Mapping[Pair, Resolved]) -> set[Pair]:
    """What we have a value of: resolved, or shown by a device."""
    known = {pair for pair, each in ours.items() if not isinstance(each.value, Unknown)}
    observed = facts.observed.get(machine)
    devices = {**observed.defaults, **observed.devices} if observed else {}
    return known | {(name, key) for name, values in devices.items() for key in values}


def _compare(
    score: Score,
    facts: MachineFacts,
    machine: str,
    pair: Pair,
    told: str,
    ours: Resolved | None,
) -> None:
    if told in _NO_VALUE:
        score.without[told, _standing(ours)] += 1
        return
    told = _WORDS.get(told, told)
    found = _finding(facts, machine, pair, told, ours)
    score.rows[found] += 1
    if found in UNEQUAL:
        score.shown[_shown(facts, machine, pair, told, ours)] += 1
    if found == OTHER:
        score.examples.append((machine, pair, told, str(ours and ours.value)))


def _standing(ours: Resolved | None) -> str:
    if ours is None:
        return "we have no such property or type either"
    return "unknown to us too" if isinstance(ours.value, Unknown) else "we have a value"


def _finding(
    facts: MachineFacts, machine: str, pair: Pair, told: str, ours: Resolved | None
) -> str:
    """How one value of the script stands to ours."""
    driver, name = pair
    fact = facts.types.get(driver)
    if fact is None:
        return DEAD if _is_entry(facts, machine, pair, told) else OTHER
    if ours is None:
        return _why_missing(facts, machine, fact, name)
    if isinstance(ours.value, Unknown):
        return UNKNOWN
    if are_equal(told, ours.value, kind_of(ours.value)):
        return EQUAL
    return OTHER if ours.layer != "default" else _why_unequal(facts, fact, name, told)


def _is_entry(facts: MachineFacts, machine: str, pair: Pair, told: str) -> bool:
    return any(
        (entry.driver, entry.property, entry.value) == (*pair, canonical(told))
        for entry in facts.tables[machine]
    )


def _why_missing(facts: MachineFacts, machine: str, fact: TypeFact, name: str) -> str:
    if _CPU in fact.ancestors and name.startswith("legacy-"):
        return HIDDEN
    return OPTIONAL if _speaks(facts, machine, fact, name) else OTHER


def _why_unequal(facts: MachineFacts, fact: TypeFact, name: str, told: str) -> str:
    if _CPU in fact.ancestors:
        return MODEL
    if name in facts.base.get(fact.name, {}) and told == fact.properties.get(name):
        always = all(_speaks(facts, machine, fact, name) for machine in facts.observed)
        return BASE if always else DEVICE
    return OTHER


def _speaks(facts: MachineFacts, machine: str, fact: TypeFact, name: str) -> bool:
    return any(
        entry.property == name and matches(fact, entry.driver) for entry in facts.tables[machine]
    )


def _shown(facts: MachineFacts, machine: str, pair: Pair, told: str, ours: Resolved | None) -> str:
    observed = facts.observed.get(machine)
    value = observed.devices.get(pair[0], {}).get(pair[1]) if observed else None
    if value is None:
        return "no device showed it"
    if ours is not None and ours.value == value:
        return "a device showed ours"
    return "a device showed the script's" if told == value else "a device showed another"
