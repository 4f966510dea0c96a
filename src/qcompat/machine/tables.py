"""Compat tables as values: what each machine type adds to the next newer one.

`ask.tables` asks a build for its tables, `recover` derives those that a build does not report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from qcompat.arch.machine_type import versioned
from qcompat.machine.model import CompatEntry

Tables = Mapping[str, tuple[CompatEntry, ...]]


def added_by(tables: Tables) -> Tables:
    """What each versioned machine type adds to the next newer one of its family, in order.

    A type's table is the newer one's with its own entries behind, since each applies the newer
    one's options first (pc_q35_machine_7_2_options, hw/i386/pc_q35.c). The newest of a family
    adds its whole table: what the board always sets. Unversioned machine types are left out.
    """
    return {name: _beyond(tables[name], newer) for name, newer in _with_newer(tables)}


def _with_newer(tables: Tables) -> list[tuple[str, tuple[CompatEntry, ...]]]:
    """Each versioned type with the table of its family's next newer one, oldest first."""
    versions = {name: found for name in tables if (found := versioned(name))}
    names = sorted(versions, key=lambda name: (*versions[name].succession, name))
    pairs = [
        (older, tables[newer] if versions[older].family == versions[newer].family else ())
        for older, newer in pairwise(names)
    ]
    return [*pairs, *((name, ()) for name in names[-1:])]


def _beyond(table: Sequence[CompatEntry], newer: Sequence[CompatEntry]) -> tuple[CompatEntry, ...]:
    """Entries that are left when those of the newer type are taken out, in their order."""
    left, place = [], 0
    for entry in table:
        if place < len(newer) and entry == newer[place]:
            place += 1
        else:
            left.append(entry)
    return tuple(left)
