"""Sizes of virtio queues."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import pytest

from qcompat.compare.virtio import QueuesDiffer, QueueSize
from qcompat.portrait.portrait import Portrait, VirtioDevice
from qcompat.rules.virtio.queues import allocated, either, has_all_that_arrive


def test_sizes_are_given_each_once_and_the_largest_first() -> None:
    assert either((64, 256, 256)) == (256, 64)


CARD, DISK = 1, 2
MQ = 1 << 22
PLACE = "0000:00:01.0"


def _target(
    portrait: Portrait, device_id: int, offers: tuple[int, ...], features: int = 0
) -> Portrait:
    device = VirtioDevice(PLACE, device_id, features, offers)
    return msgspec.structs.replace(portrait, virtio=(device,))


def _differ(sent: Sequence[int], own: Sequence[int]) -> QueuesDiffer:
    one, other = (tuple(QueueSize(size, size) for size in sizes) for sizes in (sent, own))
    return QueuesDiffer(idstr=f"{PLACE}/virtio-net", source=one, target=other)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ((256, 256, 256, 256, 64), (256, 256, 256, 256, 64)),
        ((1024, 1024, 1024), (256, 256, 64)),
        ((256, 256), (256, 256, 64)),
    ],
)
def test_a_network_card_has_as_many_pairs_as_arrive(
    recording: Callable[[str], Portrait], sent: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    own = (256, 256, 64)
    target = _target(recording("rng@11.1.3"), CARD, own)
    assert allocated(target, _differ(sent, own)) == expected


def test_a_network_card_whose_driver_wants_less_pairs_has_less(
    recording: Callable[[str], Portrait],
) -> None:
    own = (256, 256, 256, 256, 64)
    target = _target(recording("rng@11.1.3"), CARD, own)
    assert allocated(target, _differ((256, 256, 64), own)) == (256, 256, 64)


def test_a_disk_has_no_more_queues_than_it_had(recording: Callable[[str], Portrait]) -> None:
    target = _target(recording("rng@11.1.3"), DISK, (256,))
    assert allocated(target, _differ((256, 256, 256), (256,))) == (256,)


@pytest.mark.parametrize(
    ("device_id", "features", "expected"), [(CARD, MQ, True), (CARD, 0, False), (DISK, MQ, False)]
)
def test_a_network_card_with_several_pairs_loses_none(
    device_id: int, features: int, expected: bool, recording: Callable[[str], Portrait]
) -> None:
    own = (256, 256, 64)
    target = _target(recording("rng@11.1.3"), device_id, own, features)
    assert has_all_that_arrive(target, _differ((256,) * 9, own)) == expected
