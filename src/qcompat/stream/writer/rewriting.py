"""Writing a stream again from what was read of it: the proof that the reader missed nothing.

Every record is encoded from the values of its event; only contents that are bytes to the reader
too (pages, payloads, the description's text) are taken from the source. A stream that QEMU wrote
comes out byte by byte as it was.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.stream import events as e
from qcompat.stream.input.stream_bytes import StreamBytes
from qcompat.stream.memory.ram_flags import CONTINUE, MEM_SIZE, PAGE, ZERO
from qcompat.stream.reader.boundary import footer_of
from qcompat.stream.reader.header import MAGIC
from qcompat.stream.reader.reader import Reader
from qcompat.stream.record import Record
from qcompat.stream.writer.writer import announced, encode_configuration, name_bytes, u32, u64

_STEP = 1 << 22
_CONTENTS = (e.MappedPages, e.LiveState, e.DeviceState, e.Trailing)


def rewritten(reader: Reader) -> Iterator[bytes]:
    """The bytes of the stream under `reader`, which must not skip memory."""
    for event in reader.events():
        yield from encoded(event, reader.data)


def encoded(event: e.Event, data: StreamBytes) -> Iterator[bytes]:
    """The bytes of one event; `data` is where it was read."""
    if isinstance(event, e.PageRun):
        yield from _run(event, data)
    elif isinstance(event, _CONTENTS):
        yield from _copied(event.offset, event.size, data)
    elif isinstance(event, e.DescriptionRead):
        yield Record.VMDESCRIPTION.mark + u32(event.size - 5)
        yield from _copied(event.offset + 5, event.size - 5, data)
    else:
        yield _record(event)


def _record(event: e.Event) -> bytes:
    match event:
        case e.Header():
            return u32(MAGIC) + u32(event.version)
        case e.ConfigurationRead():
            return encode_configuration(event.configuration)
        case e.SectionBegins():
            return _section(event)
        case e.BlockListBegins():
            return u64(event.total | MEM_SIZE)
        case e.BlockAnnounced():
            return announced(event.block)
        case e.RamMark():
            return u64(event.address | event.flags)
        case e.SectionEnds():
            return footer_of(event.section_id)
        case e.Command():
            number, size = event.command.to_bytes(2, "big"), len(event.data).to_bytes(2, "big")
            return Record.COMMAND.mark + number + size + event.data
        case e.StreamEnds():
            return Record.EOF.mark
    raise NotImplementedError(type(event))


def _section(event: e.SectionBegins) -> bytes:
    head = event.kind.mark + u32(event.section_id)
    if event.kind in (Record.PART, Record.END):
        return head
    return head + name_bytes(event.idstr) + u32(event.instance_id) + u32(event.version_id)


def _copied(offset: int, size: int, data: StreamBytes) -> Iterator[bytes]:
    for start in range(offset, offset + size, _STEP):
        yield data[start : min(start + _STEP, offset + size)]


def _run(event: e.PageRun, data: StreamBytes) -> Iterator[bytes]:
    """The records of a run: words from their addresses and flags, then what follows them."""
    if event.count == 1:
        yield _page(event, data)
        return
    import numpy as np  # most streams that are changed have no run to be written again

    from qcompat.stream.memory.pages import addresses

    most = max(_STEP // event.stride, 1)
    for first in range(0, event.count, most):
        count = min(most, event.count - first)
        with data.view(event.offset + first * event.stride, count * event.stride) as view:
            words = addresses(view, count, event.stride, event.page_size) | np.uint64(event.flags)
            rows = np.frombuffer(view, np.uint8).reshape(count, event.stride).copy()
        rows[:, :8] = words.astype(">u8").view(np.uint8).reshape(count, 8)
        if event.flags & ZERO:
            rows[:, 8] = 0
        yield rows.tobytes()


def _page(event: e.PageRun, data: StreamBytes) -> bytes:
    raw = data[event.offset : event.offset + event.stride]
    address = int.from_bytes(raw[:8], "big") & ~(event.page_size - 1)
    name = b"" if event.flags & CONTINUE else name_bytes(event.block)
    body = raw[8 + len(name) :]
    if event.flags & PAGE:
        body = body[: event.page_size]
    return u64(address | event.flags) + name + body
