"""Writing one block of guest memory from a stream to a file, as it was when the save ended.

A page that was sent again replaces the one before; an XBZRLE page (migration/xbzrle.c) changes
it. Zero pages stay holes of the file.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from qcompat.errors import StreamError, UsageError
from qcompat.stream import events as e
from qcompat.stream.input.stream_bytes import StreamBytes
from qcompat.stream.memory.pages import addresses
from qcompat.stream.memory.ram import bitmap_size
from qcompat.stream.memory.ram_flags import CONTINUE, PAGE, XBZRLE, ZERO
from qcompat.stream.reader.reader import Reader

Span = tuple[int, int, int]
"""First record of a run, number of records, address of the first: addresses without a gap."""

_STEP = 1 << 22


def extract(reader: Reader, name: str, descriptor: int) -> int:
    """Write block `name` to the empty file `descriptor`; the number of pages that hold data.

    Raises UsageError for a block that the stream does not have, StreamError for a damaged one.
    """
    writer: _Writer | None = None
    names: list[str] = []
    for event in reader.events():
        if isinstance(event, e.BlockAnnounced):
            names.append(event.block.name)
            if event.block.name == name:
                writer = _Writer(reader.data, descriptor, event.block.length)
        elif writer and isinstance(event, e.PageRun) and event.block == name:
            writer.run(event)
        elif writer and isinstance(event, e.MappedPages) and event.block.name == name:
            writer.mapped(event)
    if writer is None:
        known = ", ".join(names) or "none"
        raise UsageError(f"the stream has no RAM block {name!r}", f"it has: {known}")
    return writer.pages


class _Writer:
    def __init__(self, data: StreamBytes, descriptor: int, length: int) -> None:
        self._data = data
        self._file = descriptor
        self.pages = 0
        os.ftruncate(descriptor, length)

    def run(self, event: e.PageRun) -> None:
        if event.count == 1:
            self._page(event)
            return
        most = max(_STEP // event.stride, 1)
        for first in range(0, event.count, most):
            count = min(most, event.count - first)
            self._part(event, event.offset + first * event.stride, count)

    def mapped(self, event: e.MappedPages) -> None:
        mapped, block = event.block.mapped, event.block
        if mapped is None:
            return
        size = bitmap_size(block.length, mapped.page_size)
        for at in range(0, size, _STEP):
            bits = self._data[mapped.bitmap + at : mapped.bitmap + min(at + _STEP, size)]
            for first, count in _set_bits(bits):
                page = at * 8 + first
                self._copy(mapped.pages, page * mapped.page_size, count * mapped.page_size)
                self.pages += count

    def _part(self, event: e.PageRun, offset: int, count: int) -> None:
        """Records of a run: spans of neighbouring pages are written together."""
        with self._data.view(offset, count * event.stride) as view:
            places = addresses(view, count, event.stride, event.page_size)
            rows = np.frombuffer(view, np.uint8).reshape(count, event.stride)
            for first, number, address in _spans(places, event.page_size):
                if event.flags & ZERO:
                    self._zero(address, number * event.page_size)
                else:
                    self._write(rows[first : first + number, 8:].tobytes(), address)
            del rows
        self.pages += count if event.flags & PAGE else 0

    def _page(self, event: e.PageRun) -> None:
        raw = self._data[event.offset : event.offset + event.stride]
        address = int.from_bytes(raw[:8], "big") & ~(event.page_size - 1)
        body = raw[8:] if event.flags & CONTINUE else raw[9 + raw[8] :]
        form = event.flags & ~CONTINUE
        if form == ZERO:
            self._write(body * event.page_size, address) if body != b"\0" else self._zero(
                address, event.page_size
            )
            return
        if form == XBZRLE:
            old = os.pread(self._file, event.page_size, address)
            body = apply_xbzrle(old.ljust(event.page_size, b"\0"), body[3:], event.offset)
        elif form != PAGE:
            body = _inflated(body[4:], event)
        self._write(body, address)
        self.pages += 1

    def _copy(self, pages: int, address: int, size: int) -> None:
        for at in range(address, address + size, _STEP):
            end = min(at + _STEP, address + size)
            self._write(self._data[pages + at : pages + end], at)

    def _write(self, data: bytes, address: int) -> None:
        view = memoryview(data)
        while view:
            written = os.pwrite(self._file, view, address)
            view, address = view[written:], address + written

    def _zero(self, address: int, size: int) -> None:
        """Make a span zero; where nothing was written it is a hole already."""
        end = address + size
        while (address := _next_data(self._file, address)) < end:
            step = min(_STEP, end - address)
            self._write(bytes(step), address)
            address += step


def apply_xbzrle(page: bytes, encoded: bytes, offset: int = 0) -> bytes:
    """`page` with the changes of an XBZRLE record: runs to keep and runs to replace, in turn.

    Lengths are ULEB128 of one or two bytes (util/cutils.c). Raises StreamError.
    """
    found, at, place = bytearray(page), 0, 0
    while at < len(encoded):
        keep, at = _uleb128(encoded, at)
        place += keep
        if at >= len(encoded):
            break
        size, at = _uleb128(encoded, at)
        if at + size > len(encoded) or place + size > len(page):
            raise StreamError("an XBZRLE page that does not fit", offset=offset, record="ram")
        found[place : place + size] = encoded[at : at + size]
        place, at = place + size, at + size
    return bytes(found)


def _uleb128(data: bytes, at: int) -> tuple[int, int]:
    first = data[at]
    if not first & 0x80:
        return first, at + 1
    second = data[at + 1] if at + 1 < len(data) else 0
    return first & 0x7F | second << 7, at + 2


def _inflated(data: bytes, event: e.PageRun) -> bytes:
    try:
        body = zlib.decompressobj().decompress(data, event.page_size)
    except zlib.error as error:
        raise StreamError(f"a compressed page: {error}", offset=event.offset) from error
    if len(body) != event.page_size:
        raise StreamError("a compressed page is cut short", offset=event.offset, record="ram")
    return body


def _spans(places: np.ndarray[tuple[int], np.dtype[np.uint64]], page_size: int) -> Iterator[Span]:
    breaks = np.flatnonzero(np.diff(places) != np.uint64(page_size)) + 1
    edges = [0, *breaks.tolist(), len(places)]
    for first, end in pairwise(edges):
        yield first, end - first, int(places[first])


def _set_bits(bits: bytes) -> Iterator[tuple[int, int]]:
    """Runs of ones: first bit and length. Words are those of a little-endian host."""
    ones = np.unpackbits(np.frombuffer(bits, np.uint8), bitorder="little")
    edges = np.flatnonzero(np.diff(ones, prepend=0, append=0)).reshape(-1, 2)
    for first, end in edges.tolist():
        yield first, end - first


def _next_data(descriptor: int, offset: int) -> int:
    try:
        return os.lseek(descriptor, offset, os.SEEK_DATA)
    except OSError:  # ENXIO: nothing but a hole to the end
        return 1 << 63
