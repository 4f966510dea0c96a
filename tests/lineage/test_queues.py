"""Queue sizes put into a real section: what is read again is what was put there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qcompat.lineage.queues import with_queues
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.running.observed import QueueNow
from qcompat.stream.layout import leaves
from qcompat.stream.model import Section
from qcompat.stream.virtio.state import decode

_SIZES = st.sampled_from([2, 8, 64, 128, 256, 1024])


def _section(portrait: Portrait, state: str) -> Section:
    assert portrait.stream is not None
    return next(s for s in portrait.stream.sections if s.idstr.endswith(state))


def _queues(section: Section) -> list[tuple[int, int]]:
    (leaf,) = (leaf for leaf in leaves(section) if leaf.type == "virtio")
    state = decode(leaf.data)
    assert state.undecoded == ()
    return [(q.num, q.num if q.num_default is None else q.num_default) for q in state.queues]


@pytest.mark.parametrize("key", ["blk@10.0.13", "blk@7.2.22", "blk@11.1.3", "net@7.2.22"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(size=_SIZES, default=_SIZES)
def test_sizes_are_read_again(
    key: str, size: int, default: int, recording: Callable[[str], Portrait]
) -> None:
    section = _section(recording(key), f"virtio-{key.partition('@')[0]}")
    before = _queues(section)
    changed = with_queues(section, {0: QueueNow(size, default)})
    assert _queues(changed) == [(size, default), *before[1:]]


def test_the_same_sizes_change_nothing(recording: Callable[[str], Portrait]) -> None:
    section = _section(recording("blk@10.0.13"), "virtio-blk")
    assert with_queues(section, {0: QueueNow(1024, 1024)}).payload == section.payload
