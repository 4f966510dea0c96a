"""The table of QEMU's compare-machine-types.py compared with what `resolve` says, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.compare_machine_types import Columns, Pair
from qcompat.machine.layers import matches
from qcompat.machine.model import MachineFacts, TypeFact
from qcompat.machine.resolve import Resolved, Unknown, resolve
from qcompat.machine.value import are_equal, canonical, kind_of

EQUAL = "equal"
DEVICE = "ours is what a running device made of it, the script's the class default"
MODEL = "a CPU model sets it: the script asks for the model, ours is the class default"
HIDDEN = "a CPU's legacy-… property, which the build leaves out of its answers to us"
OPTIONAL = "the script gives an optional entry to a type that lacks the property"
BASE = "every table of a versioned machine type names it, so ours is theirs"
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
    """Compare every row that the script printed of a build with what `resolve` says."""
    score = Score()
    for (build, machine), rows in columns.items():
        if build == name:
            ours = answers(facts, machine, {driver for driver, _ in rows})
            for pair, theirs in rows.items():
                _compare(score, facts, machine, pair, theirs, ours.get(pair))
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
    theirs: str,
    ours: Resolved | None,
) -> None:
    if theirs in _NO_VALUE:
        score.without[theirs, _our_answer(ours)] += 1
        return
    theirs = _WORDS.get(theirs, theirs)
    found = _finding(facts, machine, pair, theirs, ours)
    score.rows[found] += 1
    if found in UNEQUAL:
        score.shown[_shown(facts, machine, pair, theirs, ours)] += 1
    if found == OTHER:
        score.examples.append((machine, pair, theirs, str(ours and ours.value)))


def _our_answer(ours: Resolved | None) -> str:
    if ours is None:
        return "we have no such property or type either"
    return "unknown to us too" if isinstance(ours.value, Unknown) else "we have a value"


def _finding(
    facts: MachineFacts, machine: str, pair: Pair, theirs: str, ours: Resolved | None
) -> str:
    """How one value of the script compares with ours."""
    driver, name = pair
    fact = facts.types.get(driver)
    if fact is None:
        return DEAD if _is_entry(facts, machine, pair, theirs) else OTHER
    if ours is None:
        return _why_missing(facts, machine, fact, name)
    if isinstance(ours.value, Unknown):
        return UNKNOWN
    if are_equal(theirs, ours.value, kind_of(ours.value)):
        return EQUAL
    return OTHER if ours.layer != "default" else _why_unequal(facts, fact, name, theirs)


def _is_entry(facts: MachineFacts, machine: str, pair: Pair, theirs: str) -> bool:
    return any(
        (entry.driver, entry.property, entry.value) == (*pair, canonical(theirs))
        for entry in facts.tables[machine]
    )


def _why_missing(facts: MachineFacts, machine: str, fact: TypeFact, name: str) -> str:
    if _CPU in fact.ancestors and name.startswith("legacy-"):
        return HIDDEN
    return OPTIONAL if _names(facts, machine, fact, name) else OTHER


def _why_unequal(facts: MachineFacts, fact: TypeFact, name: str, theirs: str) -> str:
    if _CPU in fact.ancestors:
        return MODEL
    if name in facts.base.get(fact.name, {}) and theirs == fact.properties.get(name):
        always = all(_names(facts, machine, fact, name) for machine in facts.observed)
        return BASE if always else DEVICE
    return OTHER


def _names(facts: MachineFacts, machine: str, fact: TypeFact, name: str) -> bool:
    return any(
        entry.property == name and matches(fact, entry.driver) for entry in facts.tables[machine]
    )


def _shown(
    facts: MachineFacts, machine: str, pair: Pair, theirs: str, ours: Resolved | None
) -> str:
    observed = facts.observed.get(machine)
    value = observed.devices.get(pair[0], {}).get(pair[1]) if observed else None
    if value is None:
        return "no device showed it"
    if ours is not None and ours.value == value:
        return "a device showed ours"
    return "a device showed the script's" if theirs == value else "a device showed another"
