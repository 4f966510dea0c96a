"""Entries that the reference lacks in the table of a release that both builds have.

An entry in the table of release R says that something changed after R was released. A build
whose newest machine type is newer than R has that change, and without the property or the
entry it cannot undo it for older machine types.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from qcompat.machine.audit.indexed_facts import Steps
from qcompat.machine.audit.pair import Pair
from qcompat.machine.audit.release import Release
from qcompat.machine.audit.type_tree import TypeProperty


class Lacking(msgspec.Struct, frozen=True):
    """A step of the audited build that the reference lacks, with the types that it reaches.

    `has_property` says whether the reference knows the property at all.
    """

    property: str
    release: Release
    value: str
    has_property: bool
    types: tuple[str, ...]


def lacking(pair: Pair) -> tuple[Lacking, ...]:
    found: defaultdict[tuple[str, Release, str, bool], list[str]] = defaultdict(list)
    for spot, steps in pair.audited.steps.items():
        known = pair.reference.has_property(spot)
        if known is None or spot in pair.compared or spot in pair.reference.steps:
            continue
        if known and not pair.reference.has_tables:
            continue  # a table that is not reported may have the entry
        if not known and pair.reference.newest > pair.audited.newest:
            continue  # gone with the property: `property_missing` finds it the other way round
        for release, value in _shared(steps, pair):
            found[spot[1], release, value, known].append(spot[0])
    return tuple(Lacking(*key, types=tuple(sorted(types))) for key, types in found.items())


def moved(pair: Pair) -> Iterator[tuple[TypeProperty, Release, Release, str]]:
    """Entries with one value that the builds have at two releases, where no values are known.

    Device values cannot replace a table: `vectors` follows the queues without an entry.
    """
    if not (pair.audited.has_tables and pair.reference.has_tables):
        return
    for spot, steps in pair.audited.steps.items():
        theirs = pair.reference.steps.get(spot)
        if theirs is None or spot in pair.compared:
            continue
        for release, value in _shared(steps, pair):
            others = [each for each, other in theirs.items() if other == value]
            if others and release not in others:
                yield spot, release, max(others), value


def _shared(steps: Steps, pair: Pair) -> Iterator[tuple[Release, str]]:
    shared = {release for machines in pair.shared.values() for release in machines}
    for release, value in steps.items():
        if release in shared and release < pair.reference.newest:
            yield release, value
