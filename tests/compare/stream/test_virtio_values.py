"""What a running driver left in a virtio device's state is told, and nothing twice."""

from __future__ import annotations

import msgspec
import pytest

from qcompat.compare.stream.stream import compare_streams
from qcompat.compare.stream.virtio_values import ValueDiffers
from qcompat.compare.virtio import NegotiatedDiffers, QueuesDiffer
from qcompat.stream.layout import leaves
from qcompat.stream.model import Section, Stream
from qcompat.stream.virtio.state import decode
from tests.stream.conftest import recorded

NAME = "debian-7.2.22-pc-q35-7.2-booted"
DISK = "0000:00:01.0/virtio-blk"


def stream_with(change: dict[int, int]) -> Stream:
    """The recording with bytes of the disk's state set, by their place."""
    stream = recorded(NAME)
    sections = tuple(_changed(s, change) if s.idstr == DISK else s for s in stream.sections)
    return msgspec.structs.replace(stream, sections=sections)


def _changed(section: Section, change: dict[int, int]) -> Section:
    data = bytearray(section.payload)
    for place, value in change.items():
        data[place] = value
    return msgspec.structs.replace(section, payload=bytes(data))


def disk() -> Section:
    return next(section for section in recorded(NAME).sections if section.idstr == DISK)


def common() -> int:
    """Where the common registers begin: status, interrupt status, queue selector."""
    (leaf,) = (leaf for leaf in leaves(disk()) if leaf.type == "virtio")
    return leaf.offset + decode(leaf.data).config_offset - 12


def test_equal_states_differ_in_nothing() -> None:
    assert list(compare_streams(recorded(NAME), stream_with({}))) == []


def test_the_status_is_told_by_its_part() -> None:
    changed = stream_with({common(): 0})
    (found,) = compare_streams(recorded(NAME), changed)
    assert isinstance(found, ValueDiffers)
    assert found.path == "status"


def test_negotiated_features_are_told_once() -> None:
    kinds = [type(each) for each in compare_streams(recorded(NAME), stream_with({common() + 7: 0}))]
    assert kinds.count(ValueDiffers) == 0
    assert set(kinds) <= {NegotiatedDiffers}


def test_a_queue_size_is_told_once() -> None:
    (leaf,) = (leaf for leaf in leaves(disk()) if leaf.type == "virtio")
    state = decode(leaf.data)
    at = leaf.offset + state.config_offset + len(state.config) + 4
    assert int.from_bytes(disk().payload[at : at + 4], "big") == state.queues[0].num
    (found,) = compare_streams(recorded(NAME), stream_with({at + 2: 4}))
    assert isinstance(found, QueuesDiffer)


@pytest.mark.parametrize("distance", range(0, 49_000, 977))
def test_every_byte_of_a_state_makes_a_difference(distance: int) -> None:
    place = distance % len(disk().payload)
    changed = stream_with({place: disk().payload[place] ^ 0x40})
    assert list(compare_streams(recorded(NAME), changed))
