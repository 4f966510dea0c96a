"""Where the device states at a stream's end begin, found from the end: guest memory before them
need then not be read.

The description names every device section in the order of the stream and gives the sizes of its
fields, so the place of the first one can be counted back from the end mark. It is believed only
if a section of each name and instance really stands where the count says, with its footer.
"""

from __future__ import annotations

from collections.abc import Sequence

from qcompat.stream.input import StreamBytes
from qcompat.stream.model import SectionDescription
from qcompat.stream.reader.boundary import footer_of
from qcompat.stream.reader.description import Description
from qcompat.stream.record import Record

_HEADER = 14  # type, id, length of the name, instance id, version
_FOOTER = 5

_Sized = tuple[str, int, int]


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
