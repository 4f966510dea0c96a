"""Where the requests end that a disk has begun."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.errors import StreamError
from qcompat.stream.cursor import Cursor
from qcompat.stream.scsi_requests import skip_requests

READ, WRITE, INQUIRY = 0x28, 0x2A, 0x12


def request(command: int, kind: int, sectors: int, buffer: int, data: bytes) -> bytes:
    head = bytes([kind, command]) + bytes(15) + bytes(8) + bytes(8)
    return head + sectors.to_bytes(4, "big") + buffer.to_bytes(4, "big") + data


def sized(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


@pytest.mark.parametrize(
    "requests",
    [
        b"",
        request(READ, 2, 2, 1024, sized(bytes(512))),
        request(READ, 1, 2, 1024, b""),
        request(WRITE, 2, 1, 1024, bytes(512)),
        request(WRITE, 1, 8, 1024, bytes(1024)),
        request(READ, 2, 2, 0, b"") + request(WRITE, 2, 0, 0, b""),
    ],
    ids=["none", "read", "read again", "write", "write of one buffer", "nothing yet"],
)
def test_reads_and_writes_end_where_their_commands_say(requests: bytes) -> None:
    cursor = Cursor(requests + b"\0" + b"behind")
    skip_requests(cursor)
    assert cursor.offset == len(requests) + 1


def test_of_other_commands_builds_send_differently_much() -> None:
    with pytest.raises(StreamError, match="depends on the build"):
        skip_requests(Cursor(request(INQUIRY, 2, 0, 36, bytes(36)) + b"\0"))


@given(st.binary(max_size=200))
def test_any_bytes_are_stepped_over_or_refused(content: bytes) -> None:
    cursor = Cursor(content)
    try:
        skip_requests(cursor)
    except StreamError:
        return
    assert content[cursor.offset - 1] == 0
