"""Reading a migration stream: its records in order, as events.

This file knows the outermost records of the format (migration/savevm.c, qemu_loadvm_state) and
hands each content to the file of its noun: `configuration`, `ram`, `live` for other sections
that are sent in parts, `boundary` for device sections, `description`. Folding the events into a
Stream is `whole`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from qcompat.stream import events as e
from qcompat.stream.cursor import Cursor
from qcompat.stream.input.open import Input, opened
from qcompat.stream.input.stream_bytes import StreamBytes
from qcompat.stream.model import Configuration, SectionDescription
from qcompat.stream.reader.boundary import (
    endless,
    find_footer,
    find_header,
    find_states,
    footer_of,
    is_described,
)
from qcompat.stream.reader.description import Description, find_description, read_description
from qcompat.stream.reader.header import read_configuration, read_header
from qcompat.stream.reader.live import LiveReader, live_reader
from qcompat.stream.record import CommandNumber, Record

_LARGE = 1 << 20  # bytes of memory that are worth skipping
_MOST_SECTIONS = 100_000  # a guest with 4,096 CPUs has 13,000


@contextmanager
def reading(
    given: Input, *, memory: bool = True, unsent: Configuration | None = None
) -> Iterator[Reader]:
    """A Reader of what is given: bytes, a file's path or an open binary file, pipe or socket.

    With `memory=False` the reader skips a large guest memory where it can. `unsent` is the
    configuration of a stream that may have none: machine types up to 2.3 send it not
    (skip_configuration, HW_COMPAT_2_3), and then nothing in the stream tells its capabilities.
    """
    with opened(given) as (data, start):
        yield Reader(data, start, memory=memory, unsent=unsent)


class Reader:
    """Reads the stream in `data` that begins at `start`; see `reading`."""

    def __init__(
        self,
        data: StreamBytes,
        start: int,
        *,
        memory: bool = True,
        unsent: Configuration | None = None,
    ) -> None:
        self.data = data
        self._cursor = Cursor(data, start)
        self._memory = memory
        self._unsent = unsent
        self.description: Description | None = None
        self.configuration: Configuration | None = None
        self._is_postcopy = False
        self._has_footers = True  # settled by the first section, which is usually that of ram
        self._seen_section = False
        self._package_end: int | None = None
        self._states: int | None = None
        self._is_searched = False
        self._devices = 0
        self._begun = 0
        self._live: dict[int, tuple[e.SectionBegins, LiveReader]] = {}

    def events(self) -> Iterator[e.Event]:
        """Everything in the stream, in order. Raises StreamError where it cannot go on."""
        cursor = self._cursor
        yield read_header(cursor)
        if self.data.is_seekable:
            self._search(cursor)
        while True:
            self._at_boundary(cursor)
            start = cursor.offset
            if (kind := cursor.u8("the next record")) == Record.EOF:
                yield e.StreamEnds(start)
                break
            yield from self._record(cursor, kind, start)
        yield from self._end(cursor)

    def _record(self, cursor: Cursor, kind: int, start: int) -> Iterator[e.Event]:
        match kind:
            case Record.CONFIGURATION:
                yield self._configuration(cursor, start)
            case Record.START | Record.FULL:
                yield from self._section(cursor, Record(kind), start)
            case Record.PART | Record.END:
                yield from self._continued(cursor, Record(kind), start)
            case Record.COMMAND:
                yield self._command(cursor, start)
            case _:
                raise cursor.error(f"unknown record {kind:#04x}", offset=start)

    def _configuration(self, cursor: Cursor, start: int) -> e.ConfigurationRead:
        described = self.description.configuration if self.description else None
        with cursor.within("configuration"):
            if self.configuration is not None:
                raise cursor.error("a second configuration", offset=start)
            self.configuration = read_configuration(cursor, described)
        return e.ConfigurationRead(start, self.configuration)

    def _section(self, cursor: Cursor, kind: Record, start: int) -> Iterator[e.Event]:
        begun = e.SectionBegins(
            start,
            kind,
            cursor.u32("a section's id"),
            cursor.name("a section's name"),
            cursor.u32("a section's instance id"),
            cursor.u32("a section's version"),
        )
        self._begun += 1
        if self._begun > _MOST_SECTIONS:
            raise cursor.error(f"more than {_MOST_SECTIONS} sections", offset=start)
        yield begun
        with cursor.within(f"{begun.idstr}[{begun.instance_id}]"):
            if kind is Record.START:
                yield from self._start(cursor, begun)
            else:
                yield self._device(cursor, begun)
            yield from self._footer(cursor, begun.section_id)

    def _start(self, cursor: Cursor, begun: e.SectionBegins) -> Iterator[e.Event]:
        if begun.section_id in self._live:
            raise cursor.error(f"section {begun.section_id} begins a second time")
        known = self.configuration or self._unsent
        live = live_reader(cursor, begun, self._page_size(), known, self._is_postcopy)
        self._live[begun.section_id] = (begun, live)
        yield from live.events(cursor, Record.START)

    def _continued(self, cursor: Cursor, kind: Record, start: int) -> Iterator[e.Event]:
        if (states := self._skips_to(start)) is not None:
            cursor.offset = states
            yield e.Skipped(start, states - start)
            return
        section_id = cursor.u32("a section's id")
        if section_id not in self._live:
            raise cursor.error(f"a part of section {section_id}, which was not begun", offset=start)
        begun, live = self._live[section_id]
        yield e.SectionBegins(
            start, kind, section_id, begun.idstr, begun.instance_id, begun.version_id
        )
        with cursor.within(begun.idstr):
            yield from live.events(cursor, kind)
            yield from self._footer(cursor, section_id)

    def _skips_to(self, offset: int) -> int | None:
        """Where device states begin, if what is before them is to be skipped and can be."""
        if self._memory or self.description is None or not self._has_footers:
            return None
        if self._states is None:
            self._states = find_states(self.data, self.description, self._devices) or 0
        return self._states if self._states - offset > _LARGE else None

    def _device(self, cursor: Cursor, begun: e.SectionBegins) -> e.DeviceState:
        start = cursor.offset
        self._devices += 1
        claimed = described = self._claim(cursor, begun)
        if described is not None and not is_described(
            cursor, described, begun.section_id, self._has_footers
        ):
            described = None
        if described is None and not self._is_bounded(cursor, begun.section_id):
            raise endless(cursor, self._has_footers)
        has_null_array = described is None and claimed is not None and claimed.has_null_array
        return e.DeviceState(start, begun, cursor.offset - start, described, has_null_array)

    def _is_bounded(self, cursor: Cursor, section_id: int) -> bool:
        if self._has_footers:
            return find_footer(cursor, section_id, self._package_end)
        return self.description is None and find_header(cursor)

    def _claim(self, cursor: Cursor, begun: e.SectionBegins) -> SectionDescription | None:
        if self._package_end is None:  # postcopy has no description
            self._search(cursor)
        return self.description.claim(begun.idstr, begun.instance_id) if self.description else None

    def _search(self, cursor: Cursor) -> None:
        """Look for the description at the end; a pipe is read through for it."""
        if not self._is_searched:
            self._is_searched = True
            self.description = find_description(self.data, cursor.offset)

    def _footer(self, cursor: Cursor, section_id: int) -> Iterator[e.SectionEnds]:
        start, found = cursor.offset, cursor.peek(5)
        if not self._seen_section:
            self._seen_section = True
            self._has_footers = found[:1] == Record.FOOTER.mark
        if not self._has_footers:
            return
        if found != footer_of(section_id):
            raise cursor.error(f"expected the footer of section {section_id}, found {found!r}")
        cursor.skip(5)
        cursor.forget()
        yield e.SectionEnds(start, section_id)

    def _command(self, cursor: Cursor, start: int) -> e.Command:
        command = cursor.u16("a command")
        with cursor.within(f"command {command}"):
            data = cursor.take(cursor.u16("a command's length"), "a command's data")
            if command == CommandNumber.PACKAGED:  # the records of a stream follow
                self._open_package(cursor, data)
        if command == CommandNumber.POSTCOPY_ADVISE:
            self._is_postcopy = bool(data)  # without data memory is not part of the postcopy
        return e.Command(start, command, data)

    def _open_package(self, cursor: Cursor, data: bytes) -> None:
        end = cursor.offset + int.from_bytes(data, "big")
        if self._package_end is not None or not self.data.reaches(end):
            raise cursor.error(f"a package of {end - cursor.offset} bytes is not within the file")
        self._package_end = end

    def _at_boundary(self, cursor: Cursor) -> None:
        if self._package_end is None or cursor.offset < self._package_end:
            return
        if cursor.offset > self._package_end:
            raise cursor.error("a record reaches over the end of the package that it is in")
        self._package_end = None

    def _end(self, cursor: Cursor) -> Iterator[e.Event]:
        start = cursor.offset
        if cursor.peek() == Record.VMDESCRIPTION.mark:
            if self.description is None or self.description.offset != start:
                self.description = read_description(cursor)
            cursor.offset = self.description.end
            yield e.DescriptionRead(start, cursor.offset - start, self.description.unclaimed)
        elif self.description is not None:
            raise cursor.error(
                f"the end mark is here, but the description is at {self.description.offset}"
            )
        if size := self.data.end - cursor.offset:
            yield e.Trailing(cursor.offset, size)

    def _page_size(self) -> int | None:
        """The guest's page size, if the stream gives it."""
        if self.description is not None:
            return self.description.page_size
        bits = self.configuration.page_bits if self.configuration else None
        return 1 << min(bits, 63) if bits is not None else None
