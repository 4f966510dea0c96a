"""What the commands of `cpu` answer, and the lines to paste that several forms print."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import msgspec

from qcompat.hosts.cpu.baseline import Baseline
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.guest_cpu import GuestCpu
from qcompat.hosts.cpu.migration import CpuMigration
from qcompat.hosts.cpu.offer import CpuOffer
from qcompat.hosts.cpu.removals import Removal, removals

_MOST_HOSTS = 4


class CpuBaseline(msgspec.Struct, frozen=True, dict=True):
    """One CPU for all hosts, with what they offer; `machine` as asked for, empty where not."""

    masks: FeatureMasks
    offers: tuple[CpuOffer, ...]
    found: Baseline
    machine: str = ""

    @cached_property
    def removals(self) -> Sequence[Removal]:
        """Which hosts to leave out for a better CPU; with many hosts this takes a while."""
        return removals(self.masks, self.offers, self.found)

    def lines(self) -> list[tuple[str, str]]:
        """The arguments for all, or for the hosts named where builds need other words."""
        if len(set(self.found.lines)) == 1:
            return [("", self._arguments(self.found.lines[0]))]
        groups: dict[str, list[str]] = {}
        for offer, line in zip(self.offers, self.found.lines, strict=True):
            groups.setdefault(line, []).append(offer.name)
        return [(hosts_listed(names), self._arguments(line)) for line, names in groups.items()]

    def _arguments(self, line: str) -> str:
        return f"-machine {self.machine} -cpu {line}" if self.machine else f"-cpu {line}"


class CpuMoves(msgspec.Struct, frozen=True):
    """A guest's processor, and how it fares there and back, for each pair of builds."""

    guest: GuestCpu
    moves: Sequence[tuple[CpuMigration, CpuMigration]]


def hosts_listed(names: Sequence[str], *, verbose: bool = False) -> str:
    """The hosts, or their number where they are many."""
    if verbose or len(names) <= _MOST_HOSTS:
        return ", ".join(names)
    return f"{', '.join(names[: _MOST_HOSTS - 1])} and {len(names) - _MOST_HOSTS + 1} more"
