"""Machine types in their families, newest release first: `pc-q35-9.1` follows `pc-q35-9.2`.

A board's table calls the next newer one before it adds its own entries (hw/i386/pc_q35.c,
`pc_q35_machine_9_1_options` in 10.0), so that a release's changes are the difference of two
neighbours of one family.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from qcompat.arch.machine_type import versioned


class Family(msgspec.Struct, frozen=True):
    """The machine types of one board, newest first; of an unversioned board the only one."""

    board: str
    machines: tuple[str, ...]
    is_versioned: bool


def families(machines: Iterable[str]) -> tuple[Family, ...]:
    """Families of these machine types: versioned ones first, those with most releases first."""
    releases: dict[str, list[tuple[tuple[int, ...], str]]] = defaultdict(list)
    single: list[Family] = []
    for name in set(machines):
        if release := versioned(name):
            releases[release.family].append((release.version, name))
        else:
            single.append(Family(name, (name,), False))
    chains = (
        Family(board, tuple(name for _, name in sorted(found, reverse=True)), True)
        for board, found in releases.items()
    )
    ordered = sorted(chains, key=lambda family: (-len(family.machines), family.board))
    return (*ordered, *sorted(single, key=lambda family: family.board))
