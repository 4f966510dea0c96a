"""All lints: those over one build's tables and those that compare two builds.

A lint is a module of this package whose `LINT` is its file name. A new lint is one file and
one line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from qcompat.machine.audit.finding import Audit
from qcompat.machine.audit.indexed_facts import IndexedFacts
from qcompat.machine.audit.lints import (
    default_changed,
    entry_added_late,
    entry_driver_missing,
    entry_property_missing,
    entry_release_changed,
    entry_unproven,
    property_missing,
    sibling_entry_missing,
    values_unproven,
)
from qcompat.machine.audit.merge import merged
from qcompat.machine.audit.pair import Pair
from qcompat.machine.cpu_defaults import comparable
from qcompat.machine.model import MachineFacts

ALONE: tuple[tuple[str, Callable[[IndexedFacts, Sequence[IndexedFacts]], Iterator[Audit]]], ...] = (
    tuple(
        (module.LINT, module.find)
        for module in (
            entry_property_missing,
            entry_driver_missing,
            sibling_entry_missing,
            entry_unproven,
        )
    )
)

BETWEEN: tuple[tuple[str, Callable[[Pair], Iterator[Audit]]], ...] = tuple(
    (module.LINT, module.find)
    for module in (
        default_changed,
        entry_release_changed,
        entry_added_late,
        property_missing,
        values_unproven,
    )
)


def audit(facts: MachineFacts, against: Sequence[MachineFacts]) -> tuple[Audit, ...]:
    """What is wrong with the tables of a build, alone and beside builds that guests come from.

    The worst first; one cause is one finding, however many builds show it. Unknown facts only make
    findings of severity `unknown`.
    """
    audited = IndexedFacts(facts)
    others = [IndexedFacts(each) for each in {each.identity: each for each in against}.values()]
    found = [finding for _, find in ALONE for finding in find(audited, others)]
    for each in against:
        pair = Pair(*map(IndexedFacts, comparable(facts, each)))
        found += [finding for _, find in BETWEEN for finding in find(pair)]
    return merged(list(dict.fromkeys(found)))
