"""Writing a stream from its records: the counterpart of `reader`, for tests.

Guest memory is written as zero pages, since a Stream does not hold it; everything else reads
back as it was. The layout of mapped-ram files is not written. `pieces` gives the records one by
one, so that a test can break a single one.
"""

from __future__ import annotations

import uuid
from typing import Any

import msgspec

from qcompat.stream.boundary import footer_of
from qcompat.stream.model import (
    Configuration,
    FieldDescription,
    RamBlock,
    Section,
    SectionDescription,
    Stream,
)
from qcompat.stream.ram import (
    CONTINUE,
    DEFAULT_PAGE_SIZE,
    EOS,
    IGNORE_SHARED,
    MEM_SIZE,
    SUPPORTED_VERSION,
    ZERO,
)
from qcompat.stream.reader import MAGIC
from qcompat.stream.record import Record

_RAM_ID = 2  # QEMU counts section ids from 0 in the order of registration
_FIRST_DEVICE = 3


def write(stream: Stream) -> bytes:
    """The bytes of a stream that reads as `stream`, up to the offsets of its sections."""
    return b"".join(data for _, data in pieces(stream))


def pieces(stream: Stream, *, has_footers: bool = True) -> tuple[tuple[str, bytes], ...]:
    """The records of the stream by name: `header`, `configuration`, `ram start`, `ram end`,
    each section as `idstr[instance]`, `end`, and `description` if any section has one.
    """
    found = [("header", _u32(MAGIC) + _u32(stream.version))]
    if stream.configuration is not None:
        found.append(("configuration", _configuration(stream.configuration)))
    if stream.ram:
        found += _ram(stream, has_footers)
    for section_id, section in enumerate(stream.sections, _FIRST_DEVICE):
        name = f"{section.idstr}[{section.instance_id}]"
        found.append((name, _device(section, section_id, has_footers)))
    found.append(("end", Record.EOF.mark))
    if stream.page_size:
        found.append(("description", _description(stream)))
    return tuple(found)


def _configuration(configuration: Configuration) -> bytes:
    machine = configuration.machine.encode("ascii")
    data = Record.CONFIGURATION.mark + _u32(len(machine)) + machine
    if configuration.page_bits is not None:
        data += _subsection("configuration/target-page-bits", _u32(configuration.page_bits))
    if configuration.capabilities:
        names = b"".join(_name(name) for name in configuration.capabilities)
        count = _u32(len(configuration.capabilities))
        data += _subsection("configuration/capabilities", count + names)
    if configuration.uuid is not None:
        data += _subsection("configuration/uuid", uuid.UUID(configuration.uuid).bytes)
    return data


def _ram(stream: Stream, has_footers: bool) -> list[tuple[str, bytes]]:
    head = Record.START.mark + _u32(_RAM_ID) + _name("ram") + _u32(0) + _u32(SUPPORTED_VERSION)
    end = _u64(EOS) + (footer_of(_RAM_ID) if has_footers else b"")
    total = sum(block.length for block in stream.ram)
    capabilities = stream.configuration.capabilities if stream.configuration else ()
    address = _u64(0) if IGNORE_SHARED in capabilities else b""
    listed = b"".join(_name(block.name) + _u64(block.length) + address for block in stream.ram)
    page_size = _page_size(stream)
    pages = b"".join(_zero_pages(block, page_size) for block in stream.ram)
    return [
        ("ram start", head + _u64(total | MEM_SIZE) + listed + end),
        ("ram end", Record.END.mark + _u32(_RAM_ID) + pages + end),
    ]


def _page_size(stream: Stream) -> int:
    bits = stream.configuration.page_bits if stream.configuration else None
    return stream.page_size or (DEFAULT_PAGE_SIZE if bits is None else 1 << bits)


def _zero_pages(block: RamBlock, page_size: int) -> bytes:
    first = _u64(ZERO) + _name(block.name) + b"\0"
    others = range(page_size, block.length, page_size)
    return first + b"".join(_u64(at | ZERO | CONTINUE) + b"\0" for at in others)


def _device(section: Section, section_id: int, has_footers: bool) -> bytes:
    head = Record.FULL.mark + _u32(section_id) + _name(section.idstr)
    head += _u32(section.instance_id) + _u32(section.version_id)
    return head + section.payload + (footer_of(section_id) if has_footers else b"")


def _description(stream: Stream) -> bytes:
    devices = [
        {"name": section.idstr, "instance_id": section.instance_id}
        | _described(section.description)
        for section in stream.sections
        if section.description is not None
    ]
    text = msgspec.json.encode({"page_size": stream.page_size, "devices": devices})
    return Record.VMDESCRIPTION.mark + _u32(len(text)) + text


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


def _subsection(name: str, body: bytes) -> bytes:
    return Record.SUBSECTION.mark + _name(name) + _u32(1) + body


def _name(name: str) -> bytes:
    raw = name.encode("ascii")
    return bytes([len(raw)]) + raw


def _u32(number: int) -> bytes:
    return number.to_bytes(4, "big")


def _u64(number: int) -> bytes:
    return number.to_bytes(8, "big")
