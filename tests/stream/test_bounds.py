"""Hostile streams do not make readers take much memory or time."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qcompat.errors import StreamError
from qcompat.stream.memory import ram
from qcompat.stream.reader import reader
from qcompat.stream.reader.boundary import footer_of
from qcompat.stream.reader.description import Description
from qcompat.stream.reader.reader import reading
from qcompat.stream.reader.whole import read
from qcompat.stream.verify import verify
from qcompat.stream.writer.writer import name_bytes, u32, u64

HEADER = b"QEVM" + u32(3)
RAM = b"\x01" + u32(2) + name_bytes("ram") + u32(0) + u32(4)
BOUND = 150 << 20


@contextmanager
def bounded(limit: int = BOUND) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()


def device(number: int, payload: bytes = b"x") -> bytes:
    head = b"\x04" + u32(number) + name_bytes("dev") + u32(number) + u32(1)
    return head + payload + footer_of(number)


def described(text: bytes) -> bytes:
    return HEADER + b"\0\x06" + u32(len(text)) + text


def many_devices() -> bytes:
    one = b'{"name":"a","instance_id":0,"fields":[]}'
    return described(b'{"page_size":4096,"devices":[' + b",".join([one] * 150_000) + b"]}")


def many_fields() -> bytes:
    one = b'{"name":"","type":"","size":0}'
    fields = b'{"name":"a","instance_id":0,"fields":[' + b",".join([one] * 200_000) + b"]}"
    return described(b'{"page_size":4096,"devices":[' + fields + b"]}")


def no_devices() -> bytes:
    return described(b'{"page_size":4096,"devices":[' + b"0," * 5_000_000 + b"0]}")


def deep_description() -> bytes:
    return described(b'{"page_size":4096,"devices":' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}")


def many_sections() -> bytes:
    return HEADER + b"".join(device(number) for number in range(1_100)) + b"\0"


def many_marks() -> bytes:
    return HEADER + RAM + u64(0x1080) * 20_000 + u64(0x10) + footer_of(2) + b"\0"


def many_blocks() -> bytes:
    blocks = b"".join(name_bytes(f"{number:x}") + u64(4096) for number in range(2_000))
    return HEADER + RAM + u64(4096 * 2_000 | 4) + blocks


@pytest.mark.parametrize(
    "hostile",
    [
        many_devices,
        many_fields,
        no_devices,
        deep_description,
        many_sections,
        many_marks,
        many_blocks,
    ],
)
def test_a_hostile_stream_takes_bounded_memory(
    hostile: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_MOST_SECTIONS", 1000)
    monkeypatch.setattr(ram, "_MOST_BLOCKS", 1000)
    data = hostile()
    with bounded(), reading(data) as opened:
        verify(opened)
    with bounded(), pytest.raises(StreamError):
        read(data)
        raise StreamError("read", offset=0)


def test_lengths_beyond_the_file_are_refused_at_once() -> None:
    huge = u64(1 << 62)
    for part in (
        b"\x07" + u32(0xFFFFFFFF),
        RAM + u64((1 << 62) | 4) + name_bytes("pc.ram") + huge + u64(0x100) + u32(0xFFFFFFFF),
        b"\x08\0\x07\0\x04" + u32(0xFFFFFFFF),
    ):
        with bounded(1 << 20), pytest.raises(StreamError):
            read(HEADER + part)


def test_a_file_that_shrinks_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "guest.mig"
    path.write_bytes(HEADER + RAM + u64(4096 | 4) + name_bytes("r") + u64(4096) + u64(0x10))
    with reading(path) as opened:
        events = opened.events()
        next(events)
        path.write_bytes(b"")
        with pytest.raises(StreamError, match="are left"):
            list(events)


def test_description_refuses_what_it_cannot_hold() -> None:
    text = many_devices()[14:]
    with pytest.raises(Exception, match="more than 100000 devices"):
        Description(text, 0)
