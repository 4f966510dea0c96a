"""How many entries a build allocates for a virtio device's queues, and which property says so."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import msgspec

from qcompat.compare.virtio import QueuesDiffer
from qcompat.dataset import read_table
from qcompat.portrait.portrait import Portrait
from qcompat.rules.subject import address_of, devices_at

VALIDATES = "vring_num_validated"
"""The marker of builds whose virtio_load() refuses queues larger than what they allocated."""


class SizeProperty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of `queues.toml`."""

    type: str
    property: str


class SizeProperties(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `queues.toml`."""

    queue: tuple[SizeProperty, ...]


@cache
def size_properties() -> tuple[SizeProperty, ...]:
    return read_table("qcompat.rules", "virtio/queues.toml", SizeProperties).queue


def allocated(portrait: Portrait, difference: QueuesDiffer) -> tuple[int, ...]:
    """The entries that the target allocated, by queue; `difference` as the target's view of it.

    What the device offers is its allocation, and so is the size after a reset; a firmware
    driver may have made the current size smaller.
    """
    address = address_of(difference.idstr)
    offers = next((d.queue_sizes for d in portrait.virtio if d.address == address), ())
    sent = tuple(max(queue.now, queue.default) for queue in difference.target)
    count = max(len(offers), len(sent))
    return tuple(max(_at(offers, i), _at(sent, i)) for i in range(count))


def size_property(portrait: Portrait, address: str) -> str | None:
    """The property that sizes all queues of the device there, where it has one."""
    for device in devices_at(portrait, address):
        for row in size_properties():
            if device.type.startswith(row.type) and row.property in device.properties:
                return row.property
    return None


def either(sizes: Iterable[int]) -> tuple[int, ...]:
    """The sizes, each once and the largest first."""
    return tuple(sorted(set(sizes), reverse=True))


def _at(sizes: tuple[int, ...], index: int) -> int:
    return sizes[index] if index < len(sizes) else 0
