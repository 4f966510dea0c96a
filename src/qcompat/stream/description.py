"""The description (vmdesc) that a stream carries at its end: finding it and decoding it.

It is JSON that QEMU writes after the end mark and never reads itself (migration/savevm.c,
qemu_savevm_state_complete_precopy_non_iterable), and the only place that tells how long a
section is. What its fields mean is in `model`; walking a section with it in `layout`.
"""

from __future__ import annotations

from collections import defaultdict, deque

import msgspec

from qcompat.stream.cursor import Buffer, Cursor
from qcompat.stream.model import FieldDescription, SectionDescription, Size
from qcompat.stream.record import Record

_HEADER = 6  # end mark, record type, length
_LONGEST = 64 << 20  # of a guest with 255 devices: 2 MB
_CANDIDATES = 1000


class _Device(msgspec.Struct, frozen=True):
    """A device entry: a section's description and whose it is."""

    name: str
    instance_id: Size
    vmsd_name: str = ""
    version: int = 0
    fields: tuple[FieldDescription, ...] = ()
    subsections: tuple[SectionDescription, ...] = ()


class _Document(msgspec.Struct, frozen=True):
    """The whole JSON; `configuration` since QEMU 8.2."""

    page_size: Size
    devices: tuple[_Device, ...]
    configuration: SectionDescription | None = None


class Description:
    """What a stream says about its sections; `offset` is where its record type stands."""

    def __init__(self, document: _Document, offset: int) -> None:
        self.offset = offset
        self.page_size = document.page_size
        self.configuration = document.configuration
        self._devices: dict[tuple[str, int], deque[_Device]] = defaultdict(deque)
        for device in document.devices:
            self._devices[device.name, device.instance_id].append(device)

    def claim(self, idstr: str, instance_id: int) -> SectionDescription | None:
        """The description of the next section of that name, each once; None if there is none."""
        waiting = self._devices.get((idstr, instance_id))
        if not waiting:
            return None
        device = waiting.popleft()
        return SectionDescription(
            device.vmsd_name, device.version, device.fields, device.subsections
        )


def read_description(cursor: Cursor) -> Description:
    """Read the record under `cursor`, which stands at its type byte. Raises StreamError."""
    start = cursor.offset
    cursor.skip(1)
    length = cursor.u32("the length of the description")
    if length > _LONGEST:
        raise cursor.error(f"a description of {length} bytes is beyond every guest", offset=start)
    raw = cursor.take(length, "the description")
    try:
        return Description(_decode(raw), start)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise cursor.error(f"the description is damaged: {error}", offset=start) from error


def find_description(buffer: Buffer, start: int = 0) -> Description | None:
    """Search backward from the end for a description that can be decoded; None without one.

    JSON holds no byte below 0x20, so the last end mark followed by the record's type begins it,
    unless these two bytes are part of its own length.
    """
    end = len(buffer)
    floor = max(start, end - _LONGEST)
    for _ in range(_CANDIDATES):
        at = buffer.rfind(Record.EOF.mark + Record.VMDESCRIPTION.mark, floor, end)
        if at < 0:
            return None
        if _looks_right(buffer, at):
            return _decoded_at(buffer, at + 1)
        end = at + 1
    return None


def _looks_right(buffer: Buffer, at: int) -> bool:
    length = int.from_bytes(buffer[at + 2 : at + _HEADER], "big")
    end = at + _HEADER + length
    return end <= len(buffer) and buffer[at + _HEADER : at + _HEADER + 1] == b"{"


def _decoded_at(buffer: Buffer, at: int) -> Description | None:
    length = int.from_bytes(buffer[at + 1 : at + 5], "big")
    try:
        return Description(_decode(buffer[at + 5 : at + 5 + length]), at)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None  # reading on reaches the record itself and then says what is wrong with it


def _decode(raw: bytes) -> _Document:
    return msgspec.json.decode(raw, type=_Document)
