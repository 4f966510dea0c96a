"""The description (vmdesc) that a stream carries at its end: finding it and decoding it.

It is JSON that QEMU writes after the end mark and never reads itself (migration/savevm.c,
qemu_savevm_state_complete_precopy_non_iterable), and the only place with the length of a
section. What its fields mean is in `model`; walking a section with it in `layout`.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Annotated

import msgspec

from qcompat.stream.cursor import Cursor
from qcompat.stream.input.stream_bytes import StreamBytes
from qcompat.stream.model import SectionDescription, Size
from qcompat.stream.record import Record

_HEADER = 6  # end mark, record type, length
_LONGEST = 64 << 20  # of a guest with 255 devices: 2 MB; with 1,000 CPUs: 40 MB
_LONGEST_DEVICE = 8 << 20
_MOST_DEVICES = 100_000
_MOST_FIELDS = 250_000  # of one device
_CANDIDATES = 1000
_PADDING = 1 << 16  # zero bytes behind a stream

InstanceId = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]


class _Head(msgspec.Struct, frozen=True):
    """Whose a device entry is."""

    name: str
    instance_id: InstanceId


class _Heads(msgspec.Struct, frozen=True):
    """The JSON as far as it is decoded at once; `configuration` since QEMU 8.2."""

    page_size: Size
    devices: tuple[_Head, ...]
    configuration: SectionDescription | None = None


class _Entries(msgspec.Struct, frozen=True):
    """The device entries, each decoded when its section is met."""

    devices: tuple[msgspec.Raw, ...]


class DescribedDevice(msgspec.Struct, frozen=True):
    """A device entry: a section's description and whose it is."""

    name: str
    instance_id: int
    described: SectionDescription


class Description:
    """What a stream says about its sections; `offset` is that of its record type.

    Raises the errors of msgspec, UnicodeDecodeError or RecursionError for what is damaged.
    """

    def __init__(self, raw: bytes, offset: int) -> None:
        if raw.count(b'"instance_id"') > _MOST_DEVICES:
            raise msgspec.ValidationError(f"more than {_MOST_DEVICES} devices")
        heads = msgspec.json.decode(raw, type=_Heads)
        self.offset = offset
        self.end = offset + _HEADER - 1 + len(raw)
        self.page_size = heads.page_size
        self.configuration = heads.configuration
        self._entries = msgspec.json.decode(raw, type=_Entries).devices
        self._heads = heads.devices
        self._waiting: dict[tuple[str, int], deque[int]] = defaultdict(deque)
        for place, head in enumerate(heads.devices):
            self._waiting[head.name, head.instance_id].append(place)

    @property
    def unclaimed(self) -> tuple[str, ...]:
        """The sections that are described and were not claimed, as `idstr[instance]`."""
        return tuple(f"{name}[{id_}]" for (name, id_), left in self._waiting.items() for _ in left)

    def claim(self, idstr: str, instance_id: int) -> SectionDescription | None:
        """The description of the next section of that name, each once; None if there is none.

        None, too, for one that cannot be decoded.
        """
        waiting = self._waiting.get((idstr, instance_id))
        return self._described(waiting.popleft()) if waiting else None

    def devices(self) -> Iterator[DescribedDevice]:
        """Every device entry that can be decoded, in the order of the stream."""
        for place, head in enumerate(self._heads):
            if (described := self._described(place)) is not None:
                yield DescribedDevice(head.name, head.instance_id, described)

    def _described(self, place: int) -> SectionDescription | None:
        raw = bytes(self._entries[place])
        if len(raw) > _LONGEST_DEVICE or raw.count(b'"size"') > _MOST_FIELDS:
            return None
        try:
            return msgspec.json.decode(raw, type=SectionDescription)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None


def read_description(cursor: Cursor) -> Description:
    """Read the record at `cursor`, which is at its type byte. Raises StreamError."""
    start = cursor.offset
    cursor.skip(1)
    length = cursor.u32("the length of the description")
    if length > _LONGEST:
        raise cursor.error(f"a description of {length} bytes is too long", offset=start)
    raw = cursor.take(length, "the description")
    try:
        return Description(raw, start)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise cursor.error(f"the description is damaged: {error}", offset=start) from error


def find_description(data: StreamBytes, start: int = 0) -> Description | None:
    """Search backward from the end for a description that can be decoded; None without one.

    JSON holds no byte below 0x20, so the last end mark followed by the record's type begins it,
    unless these two bytes are part of its own length. Behind it there are only zero bytes: guest
    memory may hold another stream, whose description is not this one's.
    """
    end = data.end
    floor = max(start, end - _LONGEST)
    for _ in range(_CANDIDATES):
        at = data.rfind(Record.EOF.mark + Record.VMDESCRIPTION.mark, floor, end)
        if at < 0:
            return None
        if _looks_right(data, at):
            return _decoded_at(data, at + 1)
        end = at + 1
    return None


def _looks_right(data: StreamBytes, at: int) -> bool:
    length = int.from_bytes(data[at + 2 : at + _HEADER], "big")
    end = at + _HEADER + length
    if length > _LONGEST or end > data.end or data.end - end > _PADDING:
        return False
    is_json = data[at + _HEADER : at + _HEADER + 1] == b"{" and data[end - 1 : end] == b"}"
    return is_json and not any(data[end : data.end])


def _decoded_at(data: StreamBytes, at: int) -> Description | None:
    length = int.from_bytes(data[at + 1 : at + 5], "big")
    try:
        return Description(data[at + 5 : at + 5 + length], at)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None  # the reader gets to the record itself later, and reports what is wrong with it
