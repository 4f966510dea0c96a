"""Compat tables as values: versions of machine types, and what each adds to the next newer one.

Asking a build for its tables is `ask_tables`, deriving those that are not told `recover`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec

from qcompat.machine.model import CompatEntry

Tables = Mapping[str, tuple[CompatEntry, ...]]

_VERSIONED = re.compile(r"^(?P<family>.+?)-(?P<vendor>rhel)?(?P<version>\d+(?:\.\d+)+)$", re.ASCII)
# pc-1.3 and older are i440fx boards from before there was another (hw/i386/pc_piix.c of 5.2).
_FORMER = {"pc": "pc-i440fx"}


class MachineVersion(msgspec.Struct, frozen=True, order=True):
    """A versioned machine type: `pc-q35-4.0.1` is 4.0.1 of the family `pc-q35`."""

    family: str
    version: tuple[int, ...]


def parse_version(machine: str) -> MachineVersion | None:
    """Family and version of a machine type; None for one that is not versioned."""
    found = _VERSIONED.match(machine)
    if not found:
        return None
    family = _FORMER.get(found["family"], found["family"])
    vendor = f"-{found['vendor']}" if found["vendor"] else ""
    return MachineVersion(
        f"{family}{vendor}", tuple(int(part) for part in found["version"].split("."))
    )


def added_by(tables: Tables) -> Tables:
    """What each versioned machine type adds to the next newer one of its family, in order.

    A type's table is the newer one's with its own entries behind, since each applies the newer
    one's options first (pc_q35_machine_7_2_options, hw/i386/pc_q35.c). The newest of a family
    adds its whole table: what the board always sets. Unversioned machine types are left out.
    """
    return {name: _beyond(tables[name], newer) for name, newer in _with_newer(tables)}


def _with_newer(tables: Tables) -> list[tuple[str, tuple[CompatEntry, ...]]]:
    """Each versioned type with the table of the next newer of its family, by age in its family."""
    versions = {name: version for name in tables if (version := parse_version(name))}
    names = sorted(versions, key=lambda name: (versions[name], name))
    found = [
        (older, tables[newer] if versions[older].family == versions[newer].family else ())
        for older, newer in pairwise(names)
    ]
    return [*found, *((name, ()) for name in names[-1:])]


def _beyond(table: Sequence[CompatEntry], newer: Sequence[CompatEntry]) -> tuple[CompatEntry, ...]:
    """Entries that are left when those of the newer type are taken out, in their order."""
    left, place = [], 0
    for entry in table:
        if place < len(newer) and entry == newer[place]:
            place += 1
        else:
            left.append(entry)
    return tuple(left)
