"""Sizes of virtio queues."""

from __future__ import annotations

from qcompat.rules.virtio.queues import either


def test_sizes_are_given_each_once_and_the_largest_first() -> None:
    assert either((64, 256, 256)) == (256, 64)
