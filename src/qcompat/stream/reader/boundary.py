"""Where device sections begin and end: their payload has no length on the wire.

The description accounts for every byte, and the footer behind the payload confirms it. Without a
description, or with one that does not lead to the footer, the footer itself is searched for: its
mark, the section's own id, and a readable record behind it.

Where the first device section begins is counted back from the end mark, so that guest memory
before it need not be read. That place is believed only if a section of each described name and
instance is really where the count says, with its footer.
"""

from __future__ import annotations

from collections.abc import Sequence

from qcompat.errors import StreamError
from qcompat.stream.cursor import Cursor
from qcompat.stream.input.stream_bytes import StreamBytes
from qcompat.stream.layout import skip_described
from qcompat.stream.model import SectionDescription
from qcompat.stream.reader.description import Description
from qcompat.stream.record import Record

_NAMED = (Record.START, Record.FULL)
_NUMBERED = (Record.PART, Record.END)
_SECTION = b"\x04\0\0"  # and two more bytes of the section's id
_COMMANDS = 0x20  # QEMU 11.1 has 12
_HEADER = 14  # type, id, length of the name, instance id, version
_FOOTER = 5

_Sized = tuple[str, int, int]
"""A described section: name, instance, bytes of its payload."""


def footer_of(section_id: int) -> bytes:
    """The footer that closes section `section_id` (save_section_footer, migration/savevm.c)."""
    return Record.FOOTER.mark + section_id.to_bytes(4, "big")


def is_described(
    cursor: Cursor, description: SectionDescription, section_id: int, has_footers: bool
) -> bool:
    """Move behind the described payload; False, without moving, if that is not its end.

    Without section footers (machine types up to 2.3) any record may follow.
    """
    start = cursor.offset
    try:
        skip_described(cursor, description)
    except StreamError:
        cursor.offset = start
        return False
    if has_footers and cursor.peek(5) == footer_of(section_id):
        return True
    if not has_footers and _is_record(cursor, cursor.offset):
        return True
    cursor.offset = start
    return False


def find_footer(cursor: Cursor, section_id: int, limit: int | None = None) -> bool:
    """Move to the footer of `section_id`; False, without moving, if there is none.

    Another record follows it, or the end of the package, which is at `limit`.
    """
    footer = footer_of(section_id)
    at = cursor.buffer.find(footer, cursor.offset)
    while at >= 0 and (limit is None or at + len(footer) <= limit):
        if at + len(footer) == limit:
            cursor.offset = at
            return True
        if _is_record(cursor, at + len(footer)):
            cursor.offset = at
            return True
        at = cursor.buffer.find(footer, at + 1)
    return False


def find_header(cursor: Cursor) -> bool:
    """Move to the header of the next section, or to the end mark; False if there is neither.

    For streams of machine types up to 2.2, which have neither footers nor a description. A
    header that can be believed has a name, and small numbers around it.
    """
    at = cursor.buffer.find(_SECTION, cursor.offset)
    while at >= 0:
        if _is_header(cursor.buffer[at : at + 14 + 255]):
            cursor.offset = at
            return True
        at = cursor.buffer.find(_SECTION, at + 1)
    last = cursor.end - 1
    if last < cursor.offset or cursor.buffer[last : last + 1] != Record.EOF.mark:
        return False
    cursor.offset = last
    return True


def endless(cursor: Cursor, has_footers: bool) -> StreamError:
    """The error for a section whose end cannot be found."""
    if has_footers:
        return cursor.error(
            "this section has no end: no description fits, and its footer is missing",
            hint="the file may be cut short or damaged: save the guest again",
        )
    return cursor.undescribed(
        "the length of this section is unknown: no description fits, and it has no footer",
        hint="the source may have been started with suppress-vmdesc=on",
    )


def _is_header(head: bytes) -> bool:
    length = head[5] if len(head) > 5 else 0
    name, numbers = head[6 : 6 + length], head[6 + length : 14 + length]
    return _is_name(name) and len(numbers) == 8 and not any(numbers[:2]) and not any(numbers[4:7])


def _is_name(raw: bytes) -> bool:
    return len(raw) > 1 and raw.isascii() and raw.decode("ascii").isprintable()


def _is_record(cursor: Cursor, at: int) -> bool:
    head = cursor.buffer[at : at + 6]
    if not head:
        return True  # cut right behind the footer: the next record is then found missing
    if head[0] in _NAMED:
        name = cursor.buffer[at + 6 : at + 6 + head[5]] if len(head) == 6 else b""
        return _is_name(name)
    if head[0] in _NUMBERED:
        return len(head) >= 5
    if head[0] == Record.COMMAND:
        return 0 < int.from_bytes(head[1:3], "big") < _COMMANDS
    return head[0] == Record.EOF and head[1:2] in (b"", Record.VMDESCRIPTION.mark)


def find_states(data: StreamBytes, description: Description, early: int) -> int | None:
    """The offset of the first device section behind guest memory; None if this is not sure.

    `early` devices sent their state before guest memory (early_setup, since QEMU 8.1).
    """
    sized = [(d.name, d.instance_id, _wire_size(d.described)) for d in description.devices()]
    late = sized[early:]
    start = description.offset - 1 - sum(_length(each) for each in late)
    return start if late and start > 0 and _stand_at(data, start, late) else None


def _stand_at(data: StreamBytes, start: int, sized: Sequence[_Sized]) -> bool:
    at = start
    for each in sized:
        name, instance, size = each
        head = data[at : at + _HEADER + len(name)]
        raw = name.encode()
        if head[:1] != Record.FULL.mark or head[5:6] + head[6 : 6 + len(raw)] != _named(raw):
            return False
        if head[6 + len(raw) : 10 + len(raw)] != instance.to_bytes(4, "big"):
            return False
        footer = at + _HEADER + len(raw) + size
        if data[footer : footer + _FOOTER] != footer_of(int.from_bytes(head[1:5], "big")):
            return False
        at += _length(each)
    return True


def _named(raw: bytes) -> bytes:
    return bytes([len(raw) & 0xFF]) + raw


def _length(sized: _Sized) -> int:
    return _HEADER + len(sized[0].encode()) + sized[2] + _FOOTER


def _wire_size(description: SectionDescription, depth: int = 0) -> int:
    fields = sum(f.size * f.count for f in description.fields)
    if depth > 32:
        return fields
    nested = sum(
        6 + len(each.vmsd_name.encode()) + _wire_size(each, depth + 1)
        for each in description.subsections
    )
    return fields + nested
