"""How many entries a build allocates for a virtio device's queues, and which property says so."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import msgspec

from qcompat.compare.virtio import QueuesDiffer
from qcompat.dataset import read_table
from qcompat.portrait.portrait import Portrait, VirtioDevice
from qcompat.rules.subject import address_of, devices_at

VALIDATES = "vring_num_validated"
"""The marker of builds whose virtio_load() refuses queues larger than what they allocated."""
_NETWORK = 1
_LEAST = 3
"""The queues of a network card with one pair and a control queue."""
_PAIRS = 1 << 22
"""VIRTIO_NET_F_MQ: its driver may use several pairs."""


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
    driver may have made the current size smaller. A network card makes as many pairs as arrive.
    """
    device = _device(portrait, difference.idstr)
    offers = device.queue_sizes if device else ()
    sent = tuple(max(queue.now, queue.default) for queue in difference.target)
    count = max(len(offers), len(sent))
    sizes = tuple(max(_at(offers, i), _at(sent, i)) for i in range(count))
    return as_many(portrait, difference.idstr, sizes, len(difference.source))


def as_many(portrait: Portrait, idstr: str, sizes: tuple[int, ...], count: int) -> tuple[int, ...]:
    """The sizes of a device's queues when it has `count` of them, where their number varies.

        receive, send │ receive, send │ … │ control

    A network card has one pair before its driver asks for more, and gets those that a stream has
    before it loads them (virtio_net_pre_load_queues in hw/net/virtio-net.c, 10.0.3; releases
    before 10.0 had all from the start). Every build that validates sizes does so.
    """
    device = _device(portrait, idstr)
    if device is None or device.device_id != _NETWORK:
        return sizes
    if len(sizes) % 2 == 0 or count % 2 == 0 or len(sizes) < _LEAST or count < _LEAST:
        return sizes
    receive, send, *_, control = sizes
    return (*(receive, send) * (count // 2), control)


def has_all_that_arrive(portrait: Portrait, difference: QueuesDiffer) -> bool:
    """Whether the target's device gets the queues of the source, however many it has now.

    A network card whose driver may choose among pairs does; how many it has is checked by its
    own state, and those that add none for a stream are known by advisories.
    """
    device = _device(portrait, difference.idstr)
    return device is not None and device.device_id == _NETWORK and bool(device.features & _PAIRS)


def _device(portrait: Portrait, idstr: str) -> VirtioDevice | None:
    address = address_of(idstr)
    return next((d for d in portrait.virtio if d.address == address), None)


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
