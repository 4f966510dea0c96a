"""A comparison: two portraits and every place where they differ. No opinion.

`compare` matches everything once; the comparison seen from the other end is `swapped`, not a
second matching. What each kind of difference is lies beside its part (`sections`, `pci`, …).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from qcompat.compare.cpu import compare_cpus
from qcompat.compare.devices import compare_devices
from qcompat.compare.difference import Difference, swapped
from qcompat.compare.firmware.files import compare_firmware
from qcompat.compare.guest import compare_guests, compare_machine
from qcompat.compare.hosts.differences import HostPair
from qcompat.compare.images import without_assumptions
from qcompat.compare.memory import maxima_of
from qcompat.compare.pci import compare_pci
from qcompat.compare.refusal import compare_gaps, compare_refusals, is_unformed
from qcompat.compare.stream.stream import compare_streams
from qcompat.compare.virtio import compare_offers
from qcompat.portrait.portrait import Portrait

Kind = TypeVar("Kind", bound=Difference[Any])


class Comparison(msgspec.Struct, frozen=True):
    """What differs from `source` to `target`, in a fixed order."""

    source: Portrait
    target: Portrait
    differences: tuple[Difference[Any], ...]

    def of(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """The differences of one kind."""
        return tuple(each for each in self.differences if isinstance(each, kind))

    def swapped(self) -> Comparison:
        """The same comparison for the way back."""
        return Comparison(
            source=self.target,
            target=self.source,
            differences=tuple(swapped(each) for each in self.differences),
        )


def compare(source: Portrait, target: Portrait, hosts: HostPair | None = None) -> Comparison:
    """Match two portraits of one guest and collect their differences.

    With `hosts` the portraits are as they would be there, and what the hosts themselves make
    different is added.
    """
    if hosts is not None:
        return _on_hosts(source, target, hosts)
    if source is target:
        return Comparison(source, target, tuple(compare_refusals(source, target)))
    found = without_assumptions(_differences(source, target), source, target)
    return Comparison(source, target, tuple(found))


def _on_hosts(source: Portrait, target: Portrait, hosts: HostPair) -> Comparison:
    # What is known of hosts is much, and a check of two portraits must not pay for it.
    from qcompat.compare.hosts.cpus import compare_host_cpus
    from qcompat.compare.hosts.devices import compare_hosts, level
    from qcompat.compare.hosts.parts import compare_host_parts

    unequal = (
        *compare_hosts(source, target, hosts),
        *compare_host_cpus(source, target, hosts),
        *compare_host_parts(source, hosts),
    )
    here, there = level(source, hosts), level(target, hosts)
    found = without_assumptions(_differences(here, there), here, there)
    return Comparison(here, there, (*found, *unequal))


def _differences(source: Portrait, target: Portrait) -> Iterator[Difference[Any]]:
    yield from compare_refusals(source, target)
    yield from compare_gaps(source, target)
    yield from compare_guests(source, target)
    if is_unformed(source) or is_unformed(target):
        return
    yield from compare_machine(source, target)
    yield from compare_devices(source, target)
    if source.stream is not None and target.stream is not None:
        yield from compare_streams(
            source.stream, target.stream, maxima_of(source), maxima_of(target)
        )
    yield from compare_pci(source, target)
    yield from compare_offers(source, target)
    yield from compare_cpus(source, target)
    yield from compare_firmware(source, target)
