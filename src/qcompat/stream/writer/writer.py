"""Writing a stream from its records: the counterpart of `reader`, for rehearsals and tests.

Guest memory is written as zero pages, since a Stream does not hold it; everything else reads
back as it was. The layout of mapped-ram files is not written. `pieces` gives the records one by
one, so that a test can break a single one.
"""

from __future__ import annotations

import uuid
from typing import Any

import msgspec

from qcompat.stream.memory.ram import DEFAULT_PAGE_SIZE, SUPPORTED_VERSION
from qcompat.stream.memory.ram_flags import CONTINUE, EOS, MEM_SIZE, ZERO
from qcompat.stream.model import (
    Configuration,
    FieldDescription,
    RamBlock,
    Section,
    SectionDescription,
    Stream,
)
from qcompat.stream.reader.boundary import footer_of
from qcompat.stream.reader.header import MAGIC
from qcompat.stream.record import Record

_RAM_ID = 2  # QEMU counts section ids from 0 in the order of registration
_FIRST_DEVICE = 3


def write(stream: Stream) -> bytes:
    """The bytes of a stream that reads as `stream`, up to the offsets of its sections."""
    return b"".join(data for _, data in pieces(stream))


def pieces(
    stream: Stream, *, has_footers: bool = True, has_pages: bool = True
) -> tuple[tuple[str, bytes], ...]:
    """The records of the stream by name: `header`, `configuration`, `ram start`, `ram end`,
    each section as `idstr[instance]`, `end`, and `description` if any section has one.

    Without pages, memory stays on the target as it is there.
    """
    found = [("header", u32(MAGIC) + u32(stream.version))]
    if stream.configuration is not None:
        found.append(("configuration", encode_configuration(stream.configuration)))
    if stream.ram:
        found += _ram(stream, has_footers, has_pages)
    for section_id, section in enumerate(stream.sections, _FIRST_DEVICE):
        name = f"{section.idstr}[{section.instance_id}]"
        found.append((name, _device(section, section_id, has_footers)))
    found.append(("end", Record.EOF.mark))
    if stream.page_size:
        found.append(("description", _description(stream)))
    return tuple(found)


def encode_configuration(configuration: Configuration) -> bytes:
    """The configuration record."""
    machine = configuration.machine.encode("ascii")
    data = Record.CONFIGURATION.mark + u32(len(machine)) + machine
    if configuration.page_bits is not None:
        data += _subsection("configuration/target-page-bits", u32(configuration.page_bits))
    if configuration.capabilities:
        names = b"".join(name_bytes(name) for name in configuration.capabilities)
        count = u32(len(configuration.capabilities))
        data += _subsection("configuration/capabilities", count + names)
    if configuration.uuid is not None:
        data += _subsection("configuration/uuid", uuid.UUID(configuration.uuid).bytes)
    for name, version, body in configuration.others:
        data += _subsection(name, body, version)
    return data


def _ram(stream: Stream, has_footers: bool, has_pages: bool) -> list[tuple[str, bytes]]:
    head = Record.START.mark + u32(_RAM_ID) + name_bytes("ram") + u32(0) + u32(SUPPORTED_VERSION)
    end = u64(EOS) + (footer_of(_RAM_ID) if has_footers else b"")
    total = sum(block.length for block in stream.ram)
    listed = b"".join(announced(block) for block in stream.ram)
    page_size = _page_size(stream)
    blocks = stream.ram if has_pages else ()
    pages = b"".join(_zero_pages(block, page_size) for block in blocks)
    return [
        ("ram start", head + u64(total | MEM_SIZE) + listed + end),
        ("ram end", Record.END.mark + u32(_RAM_ID) + pages + end),
    ]


def announced(block: RamBlock) -> bytes:
    """A block's entry in the list of blocks."""
    found = name_bytes(block.name) + u64(block.length)
    found += b"".join(u64(n) for n in (block.page_size, block.address) if n is not None)
    if (m := block.mapped) is not None:
        found += u32(m.version) + u64(m.page_size) + u64(m.bitmap) + u64(m.pages)
    return found


def _page_size(stream: Stream) -> int:
    bits = stream.configuration.page_bits if stream.configuration else None
    return stream.page_size or (DEFAULT_PAGE_SIZE if bits is None else 1 << bits)


def _zero_pages(block: RamBlock, page_size: int) -> bytes:
    first = u64(ZERO) + name_bytes(block.name) + b"\0"
    others = range(page_size, block.length, page_size)
    return first + b"".join(u64(at | ZERO | CONTINUE) + b"\0" for at in others)


def _device(section: Section, section_id: int, has_footers: bool) -> bytes:
    head = Record.FULL.mark + u32(section_id) + name_bytes(section.idstr)
    head += u32(section.instance_id) + u32(section.version_id)
    return head + section.payload + (footer_of(section_id) if has_footers else b"")


def _description(stream: Stream) -> bytes:
    devices = [
        {"name": section.idstr, "instance_id": section.instance_id}
        | _described(section.description)
        for section in stream.sections
        if section.description is not None
    ]
    text = msgspec.json.encode({"page_size": stream.page_size, "devices": devices})
    return Record.VMDESCRIPTION.mark + u32(len(text)) + text


def _described(description: SectionDescription) -> dict[str, Any]:
    found: dict[str, Any] = {
        "vmsd_name": description.vmsd_name,
        "version": description.version,
        "fields": [_field(field) for field in description.fields],
    }
    if description.subsections:
        found["subsections"] = [_described(each) for each in description.subsections]
    return found


def _field(field: FieldDescription) -> dict[str, Any]:
    found: dict[str, Any] = {"name": field.name, "type": field.type, "size": field.size}
    if field.array_len is not None:
        found["array_len"] = field.array_len
    if field.index is not None:
        found["index"] = field.index
    if field.struct is not None:
        found["struct"] = _described(field.struct)
    elif (nested := field.nested) is not None:
        found |= _described(nested)
    return found


def _subsection(name: str, body: bytes, version: int = 1) -> bytes:
    return Record.SUBSECTION.mark + name_bytes(name) + u32(version) + body


def name_bytes(name: str) -> bytes:
    """A name behind its length byte."""
    raw = name.encode("ascii")
    return bytes([len(raw)]) + raw


def u32(number: int) -> bytes:
    """Four bytes, big-endian."""
    return number.to_bytes(4, "big")


def u64(number: int) -> bytes:
    """Eight bytes, big-endian."""
    return number.to_bytes(8, "big")
