"""Saving a twin whose memory is in files of ours: the stream that any QEMU would load.

QEMU leaves these blocks out (migration capability x-ignore-shared, since 4.0, named files only
from 8.1 on): it would read every page to find that it is zero, and reading a shared file fills it.
What it sends instead is taken back, and the pages that were written come from the files:

    configuration   without the capability, which a target would have to have too
    ram, START      the list of blocks without their addresses
    ram, PART       ours: the pages that are not zero, of all files
    …               the rest as QEMU wrote it; its description without the capability

A target has zero pages where none was sent, so the state that it loads is the same.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import msgspec

from qcompat.portrait.twin.start import MemoryFile
from qcompat.qemu import migration
from qcompat.qemu.process import Qemu
from qcompat.stream import events as e
from qcompat.stream.memory.ram import DEFAULT_PAGE_SIZE, IGNORE_SHARED
from qcompat.stream.memory.ram_flags import CONTINUE, EOS, PAGE
from qcompat.stream.model import Configuration
from qcompat.stream.reader.boundary import footer_of
from qcompat.stream.reader.reader import Reader, reading
from qcompat.stream.record import Record
from qcompat.stream.writer.rewriting import encoded
from qcompat.stream.writer.writer import name_bytes, u32, u64

_CAPABILITIES = "configuration/capabilities"
_UNSENT = Configuration("", (IGNORE_SHARED,))
_RAM = "ram"
_EMPTY = bytes(DEFAULT_PAGE_SIZE)


async def save(qemu: Qemu, memory: Sequence[MemoryFile], into: BinaryIO) -> None:
    """Write the stream of a twin, and what its memory files hold, to the file `into`.

    Errors: as `qemu.migration.save`; StreamError where what QEMU wrote cannot be read.
    """
    if not memory:
        await migration.save(qemu, into)
        return
    states = [{"capability": IGNORE_SHARED, "state": True}]
    await qemu.execute("migrate-set-capabilities", {"capabilities": states})
    with tempfile.TemporaryFile(prefix="qcompat-") as raw:
        await migration.save(qemu, raw)
        raw.seek(0)
        with reading(raw, memory=False, unsent=_UNSENT) as reader:
            rest = _head(reader, memory, into)
            end = reader.description.offset if reader.description else reader.data.end
            raw.seek(rest)
            _copy(raw, into, end - rest)
            if reader.description:
                raw.seek(end)
                into.write(_described(raw.read(reader.description.end - end)))
    into.flush()


def _head(reader: Reader, memory: Sequence[MemoryFile], into: BinaryIO) -> int:
    """Write all up to the first part of RAM, and return where in the raw stream that is.

    Machine types up to 2.3 send no footers (HW_COMPAT_2_3): then the next record ends a section.
    """
    names: list[str] = []
    ram: int | None = None
    is_read = False
    for event in reader.events():
        if is_read and ram is not None:
            footer = footer_of(ram) if isinstance(event, e.SectionEnds) else b""
            for data in (footer, *_part(ram, memory, names, footer)):
                into.write(data)
            return event.offset + len(footer)
        if isinstance(event, e.ConfigurationRead):
            event = e.ConfigurationRead(event.offset, _without(event.configuration))
        elif isinstance(event, e.BlockAnnounced):
            names.append(event.block.name)
            block = msgspec.structs.replace(event.block, address=None)
            event = e.BlockAnnounced(event.offset, block)
        elif isinstance(event, e.SectionBegins) and event.idstr == _RAM:
            ram = event.section_id
        for data in encoded(event, reader.data):
            into.write(data)
        is_read = isinstance(event, e.RamMark) and event.flags == EOS
    return reader.data.end


def _without(configuration: Configuration) -> Configuration:
    kept = tuple(name for name in configuration.capabilities if name != IGNORE_SHARED)
    return msgspec.structs.replace(configuration, capabilities=kept)


def _part(
    section: int, memory: Sequence[MemoryFile], names: Sequence[str], footer: bytes
) -> Iterator[bytes]:
    """A part of the ram section with every page that is not zero; nothing if there is none."""
    is_begun = False
    for held in memory:
        known = {held.block.id, f"/objects/{held.block.id}"}
        name = next((name for name in names if name in known), None)
        is_continued = False
        for address, page in _pages(held.file) if name else ():
            if not is_begun:
                yield Record.PART.mark + u32(section)
                is_begun = True
            flags = PAGE | CONTINUE if is_continued else PAGE
            yield u64(address | flags) + (b"" if is_continued else name_bytes(name or "")) + page
            is_continued = True
    if is_begun:
        yield u64(EOS) + footer


def _pages(file: int) -> Iterator[tuple[int, bytes]]:
    """The pages of a file that are not zero, with their places; holes cost nothing."""
    size, at = os.fstat(file).st_size, 0
    while at < size:
        try:
            start = os.lseek(file, at, os.SEEK_DATA)
        except OSError:  # ENXIO: nothing but a hole is left
            return
        at = os.lseek(file, start, os.SEEK_HOLE)
        for address in range(start, at, DEFAULT_PAGE_SIZE):
            page = os.pread(file, DEFAULT_PAGE_SIZE, address)
            if page != _EMPTY[: len(page)]:
                yield address, page


def _copy(source: BinaryIO, into: BinaryIO, size: int) -> None:
    while data := source.read(min(size, 1 << 20)):
        into.write(data)
        size -= len(data)


def _described(record: bytes) -> bytes:
    """The description's record, with nothing about capabilities (described since 8.2)."""
    text = record[5:]
    parts = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    if "configuration" not in parts:
        return record
    configuration = msgspec.json.decode(parts["configuration"])
    kept = [each for each in configuration.pop("subsections", ()) if not _is_capability(each)]
    if kept:
        configuration["subsections"] = kept
    parts["configuration"] = msgspec.Raw(msgspec.json.encode(configuration))
    text = msgspec.json.encode(parts)
    return record[:1] + u32(len(text)) + text


def _is_capability(subsection: dict[str, object]) -> bool:
    return subsection.get("vmsd_name") == _CAPABILITIES
