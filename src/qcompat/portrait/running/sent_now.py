"""A section of a running guest described: the twin's description, with what is really sent.

A device sends a subsection only where it is needed, and a guest that has run needs others than its
paused twin. A subsection says its name, which begins with that of the state it belongs to
(migration/vmstate.c, vmstate_subsection_load, 5.2 to 11.1), so those that the twin never sent are
found too; what is in them stays bytes, as many as the build says of it where it says that. A value
that says itself where it ends, as the images of a virtio-gpu do, is as long as it is now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from qcompat.errors import StreamError
from qcompat.portrait.running.by_build import (
    MOST_ELEMENTS,
    UNKNOWN,
    States,
    described_by_build,
    has_array,
    is_told,
)
from qcompat.stream import scsi_requests
from qcompat.stream.conditional import is_absent, with_conditional
from qcompat.stream.cursor import Cursor
from qcompat.stream.model import FieldDescription, Section, SectionDescription
from qcompat.stream.record import Record
from qcompat.stream.virtio import gpu

_MARK = Record.SUBSECTION.mark
_VERSION = 4
_DEEPEST = 32


def describe_now(
    section: Section, twin: SectionDescription, own: States | None = None
) -> SectionDescription | None:
    """The description of the whole payload; None where it is not found without a doubt.

    `own` are the subsections of the build. What they say is tried first; where it leaves out how
    long an array is, the smallest length is the array's with which all of it fits.
    """
    for elements in range(MOST_ELEMENTS if own else 0):
        reading = _Reading(section, own or {}, elements)
        if found := reading.whole(twin):
            return found
        if not reading.has_array:
            break
    return _Reading(section, {}, 0).whole(twin)


class _DoesNotFit(Exception):  # noqa: N818 - no error: the section stays undescribed
    pass


class _Reading:
    """One attempt: `elements` is how long the arrays are of whose length the build says nothing."""

    def __init__(self, section: Section, own: States, elements: int) -> None:
        self._own = own
        self._elements = elements
        self.has_array = False
        self._idstr = section.idstr
        self._payload = section.payload

    def whole(self, twin: SectionDescription) -> SectionDescription | None:
        """The description of the whole payload; None where it does not fit to the last byte."""
        try:
            found, end = self.state(twin, 0, (), 0)
        except (_DoesNotFit, StreamError):
            return None
        return found if end == len(self._payload) else None

    def state(
        self, twin: SectionDescription, at: int, outer: Sequence[str], depth: int
    ) -> tuple[SectionDescription, int]:
        """A state that begins at `at`; the names of the states around it are `outer`."""
        if depth > _DEEPEST:
            raise _DoesNotFit
        names = (twin.vmsd_name, *outer) if twin.vmsd_name else tuple(outer)
        fields: list[FieldDescription] = []
        before = b""
        for field in with_conditional(twin).fields:
            if is_absent(twin.vmsd_name, field, before):
                continue
            start = at
            found, at = self._field(field, at, names, depth)
            before = self._payload[start:at]
            fields += found
        known = {each.vmsd_name: each for each in twin.subsections}
        parts: list[SectionDescription] = []
        while twin.vmsd_name and (name := self._name(at)).startswith(twin.vmsd_name):
            part, at = self._subsection(name, known, at, names, depth)
            parts.append(part)
        return msgspec.structs.replace(twin, fields=tuple(fields), subsections=tuple(parts)), at

    def _field(
        self, field: FieldDescription, at: int, names: Sequence[str], depth: int
    ) -> tuple[list[FieldDescription], int]:
        """The field; an array of structures as its elements, which need not be alike now."""
        nested, count = field.struct, field.count
        if nested is None or count > MOST_ELEMENTS:
            field = self._as_long_as_now(field, at)
            end = at + field.size * count
            if end > len(self._payload):
                raise _DoesNotFit
            return [field], end
        found: list[FieldDescription] = []
        for index in range(count):
            inner, end = self.state(nested, at, names, depth + 1)
            one = msgspec.structs.replace(field, struct=inner, size=end - at)
            if field.array_len is not None:
                one = msgspec.structs.replace(one, array_len=None, index=index)
            found.append(one)
            at = end
        return found, at

    def _as_long_as_now(self, field: FieldDescription, at: int) -> FieldDescription:
        """A value that says itself where it ends, with its size now. Raises StreamError."""
        rest = self._payload[at:]
        if field.type == "virtio":
            size = gpu.end_of_virtio(rest, self._idstr)
        elif field.type == gpu.TYPE:  # the twin has no resources: its driver is not loaded
            cursor = Cursor(rest, record=self._idstr)
            gpu.read_resources(cursor)
            size = cursor.offset + field.size - gpu.END_BYTES
        elif field.type == scsi_requests.TYPE:
            cursor = Cursor(rest, record=self._idstr)
            scsi_requests.skip_requests(cursor)
            size = cursor.offset
        else:
            return field
        return msgspec.structs.replace(field, size=size)

    def _subsection(
        self,
        name: str,
        known: Mapping[str, SectionDescription],
        at: int,
        names: Sequence[str],
        depth: int,
    ) -> tuple[SectionDescription, int]:
        start = at + len(_MARK) + 1 + len(name)
        version = int.from_bytes(self._payload[start : start + _VERSION], "big")
        start += _VERSION
        twin = known.get(name)
        if twin is not None and twin.version == version:
            return self.state(twin, start, names, depth + 1)
        own = self._own.get(name)
        if own is not None and own.version == version and is_told(own):
            self.has_array = self.has_array or has_array(own)
            described = described_by_build(own, self._elements)
            return self.state(described, start, names, depth + 1)
        end = self._next(start, names)
        field = FieldDescription("content", UNKNOWN, end - start)
        fields = (field,) if end > start else ()
        return SectionDescription(name, version, fields), end

    def _next(self, start: int, names: Sequence[str]) -> int:
        """Where the next subsection begins, or the payload ends."""
        at = self._payload.find(_MARK, start)
        while at >= 0:
            if self._name(at).startswith(tuple(names)):
                return at
            at = self._payload.find(_MARK, at + 1)
        return len(self._payload)

    def _name(self, at: int) -> str:
        """The name of the subsection that begins there; empty where none does."""
        if self._payload[at : at + 1] != _MARK or at + 1 >= len(self._payload):
            return ""
        raw = self._payload[at + 2 : at + 2 + self._payload[at + 1]]
        is_name = len(raw) == self._payload[at + 1] and raw.isascii() and b"/" in raw
        return raw.decode() if is_name and raw.decode().isprintable() else ""
