"""The state of a virtio-ccw device, written by hand as hw/s390x/virtio-ccw.c writes it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcompat.errors import StreamError
from qcompat.stream.cursor import Cursor
from qcompat.stream.decode.ccw import blocks
from qcompat.stream.decode.pieces import Pieces
from qcompat.stream.decode.virtio.field import decode_virtio
from qcompat.stream.virtio.state import decode
from tests.stream.decode.parts import part

IDSTR = "/fe.0.0001/virtio-blk"
SUBCHANNEL = 366  # bytes of vmstate_subch_dev without its subsection
ORB = b"\x05\x12s390_subch_dev/orb\0\0\0\x01" + bytes(12)
SUMMARY = b"\x05\x20s390_adapter_info/summary_offset\0\0\0\x01" + (7).to_bytes(4, "big")


def u32(number: int) -> bytes:
    return number.to_bytes(4, "big")


def disk(*, is_old: bool = False, status: int = 7) -> bytes:
    """A virtio-blk device with one queue; old machine types write no subsections here."""
    subchannel = bytearray(SUBCHANNEL)
    subchannel[0] = 0xFE
    subchannel[108:112] = b"\xff\x38\x32\x02"  # identity: 3832, model 2 is a disk
    indicators = u32(8) + (0x7F000).to_bytes(8, "big")
    head = bytes(subchannel) + (b"" if is_old else ORB)
    head += 3 * indicators + b"\0\x40" + (5).to_bytes(8, "big") + (b"" if is_old else SUMMARY)
    head += b"\x03" + u32(1)
    common = bytes([status, 0]) + b"\0\0" + u32(1 << 6) + u32(8) + (2048).to_bytes(8, "big")
    queue = u32(128) + (0x10000).to_bytes(8, "big") + b"\0\x09" + b"\0\x02"
    return head + common + u32(1) + queue + b"\0"


@pytest.mark.parametrize("is_old", [False, True])
def test_each_part_is_found(is_old: bool) -> None:
    state = decode(disk(is_old=is_old), "ccw")
    assert (state.status, state.device_number, state.config_vector) == (7, 2, 0x40)
    assert [(queue.num, queue.last_avail_idx, queue.vector) for queue in state.queues] == [
        (128, 9, 2)
    ]
    assert state.device_state == b"\0"


def test_the_parts_have_names() -> None:
    pieces = Pieces(disk(), 1000)
    assert decode_virtio(pieces, IDSTR) == "block device, ACKNOWLEDGE, DRIVER, DRIVER_OK"
    found = {each.path: each for each in pieces.parts}
    assert pieces.left == 0
    assert part(found["ccw"], "ccw/subchannel/channel subsystem").value == 0xFE
    assert part(found["ccw"], "ccw/subchannel/identity: control unit type").value == 0x3832
    assert part(found["ccw"], "ccw/<s390_subch_dev/orb>").value == 1
    assert part(found["ccw"], "ccw/<s390_adapter_info/summary_offset>/summary offset").value == 7
    assert part(found["ccw"], "ccw/last/revision").value == 1
    assert part(found["configuration"], "configuration/capacity").value == 2048
    assert part(found["configuration"], "configuration/capacity").type == "u64 big-endian"


def test_the_rows_are_as_long_as_the_structure() -> None:
    (first, *_) = blocks(Cursor(b""))
    assert sum(row.size * row.times for row in first.rows) == SUBCHANNEL


@given(st.integers(0, len(disk()) - 1))
@settings(max_examples=60)
def test_a_state_cut_short_is_refused(length: int) -> None:
    cut = disk()[:length]
    try:
        state = decode(cut, "ccw")
    except StreamError as error:
        assert 0 <= error.offset <= length
    else:
        assert length >= len(disk()) - 1, state
