"""A card with several queue pairs on a target that does not make those that arrive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from qcompat.compare.comparison import Comparison
from qcompat.compare.difference import Difference
from qcompat.compare.virtio import NegotiatedDiffers, QueuesDiffer, QueueSize
from qcompat.portrait.portrait import Device, Portrait, VirtioDevice
from qcompat.rules.virtio.queue_count_exceeded_on_target import find

PLACE, IDSTR = "0000:00:01.0", "0000:00:01.0/virtio-net"
MQ = 1 << 22
BROKEN, MENDED = "10.0.2", "10.0.3"


def _portrait(portrait: Portrait, version: str, features: int) -> Portrait:
    """An empty guest with a card of two pairs, on a build of that version."""
    card = Device("pcie.0/01.0/virtio-net-pci", "virtio-net-pci", "", "pcie.0", PLACE, {})
    inner = Device(
        f"{card.path}/virtio-net-device", "virtio-net-device", "", "", "", {"mq": "true"}
    )
    return msgspec.structs.replace(
        portrait,
        identity=msgspec.structs.replace(portrait.identity, version=version),
        devices=(card, inner),
        virtio=(VirtioDevice(PLACE, 1, features, (256, 256, 64)),),
    )


def _sizes(count: int) -> tuple[QueueSize, ...]:
    return (QueueSize(256, 256),) * count


@pytest.mark.parametrize(
    ("version", "agreed", "promises"),
    [(BROKEN, 0, ["loads"]), (BROKEN, MQ, []), (MENDED, 0, []), (MENDED, MQ, [])],
)
def test_a_target_that_makes_no_pairs_crashes_unless_a_driver_asked_for_them(
    version: str, agreed: int, promises: list[str], recording: Callable[[str], Portrait]
) -> None:
    """5.2.0 to 10.0.2 ends with signal 11 before a driver runs; a booted guest loads (measured)."""
    empty = recording("empty@7.2.22")
    source, target = (_portrait(empty, each, MQ) for each in ("5.2.0", version))
    queues = QueuesDiffer(source=_sizes(5), target=_sizes(3), idstr=IDSTR)
    drivers = NegotiatedDiffers(source=agreed, target=0, idstr=IDSTR)
    differences: tuple[Difference[Any], ...] = (queues, drivers) if agreed else (queues,)
    found = list(find(Comparison(source, target, differences)))
    assert [each.promise for each in found] == promises


def test_a_card_with_one_pair_has_no_more_queues_than_it_had(
    recording: Callable[[str], Portrait],
) -> None:
    empty = recording("empty@7.2.22")
    source, target = (_portrait(empty, each, 0) for each in ("5.2.0", MENDED))
    queues = QueuesDiffer(source=_sizes(5), target=_sizes(3), idstr=IDSTR)
    (found,) = find(Comparison(source, target, (queues,)))
    assert (found.promise, found.certainty) == ("unchanged", "likely")
