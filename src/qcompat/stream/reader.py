"""Reading a migration stream: its records in order, folded into a Stream.

This file knows the outermost records of the format (migration/savevm.c, qemu_loadvm_state) and
hands each content to the file of its noun: `configuration`, `ram`, `boundary` for device
sections, `description`. A section of another save handler than `ram` has a content that nothing
describes; a reader for one more is one more entry in `Reader._live`.
"""

from __future__ import annotations

from collections.abc import Callable

from qcompat.stream.boundary import find_footer, footer_of, is_described
from qcompat.stream.configuration import read_configuration
from qcompat.stream.cursor import Buffer, Cursor
from qcompat.stream.description import (
    Description,
    find_description,
    read_description,
)
from qcompat.stream.model import Configuration, Section, Stream
from qcompat.stream.ram import DEFAULT_PAGE_SIZE, SUPPORTED_VERSION, RamReader
from qcompat.stream.record import Record
from qcompat.stream.source import Source, opened

MAGIC = 0x5145564D
VERSION = 3

_POSTCOPY_ADVISE = 3
_PACKAGED = 6  # a stream within the stream: its records simply follow


def read(source: Source) -> Stream:
    """Read a whole stream from bytes, a file's path or an open binary file.

    Guest memory is stepped over. Raises StreamError, with offset and record, for what is no
    stream, is cut short or damaged, or holds a section that nothing tells the length of.
    """
    with opened(source) as (buffer, start):
        return _Reader(buffer, start).read()


class _Reader:
    def __init__(self, buffer: Buffer, start: int) -> None:
        self._cursor = Cursor(buffer, start)
        self._description: Description | None = None
        self._configuration: Configuration | None = None
        self._sections: list[Section] = []
        self._ram: RamReader | None = None
        self._is_postcopy = False
        self._has_footers = True  # settled by the first section, which is that of ram
        self._live: dict[int, tuple[str, Callable[[Cursor], None]]] = {}

    def read(self) -> Stream:
        cursor = self._cursor
        version = self._header(cursor)
        self._description = find_description(cursor.buffer, cursor.offset)
        while (kind := cursor.u8("the next record")) != Record.EOF:
            self._record(cursor, kind)
        self._end(cursor)
        return Stream(
            version=version,
            configuration=self._configuration,
            sections=tuple(self._sections),
            ram=tuple(self._ram.blocks) if self._ram else (),
            page_size=self._description.page_size if self._description else 0,
        )

    def _header(self, cursor: Cursor) -> int:
        start = cursor.offset
        if cursor.peek(4) != MAGIC.to_bytes(4, "big"):
            raise cursor.error(
                f"this is no migration stream: it begins with {cursor.peek(4)!r}, not b'QEVM'",
                hint="libvirt's save images and qcow2 snapshots hold a stream, but are none",
            )
        cursor.skip(4)
        version = cursor.u32("the version of the format")
        if version != VERSION:
            raise cursor.error(
                f"version {version} of the stream format is unknown, expected {VERSION}",
                offset=start + 4,
            )
        return version

    def _record(self, cursor: Cursor, kind: int) -> None:
        match kind:
            case Record.CONFIGURATION:
                self._read_configuration(cursor)
            case Record.START | Record.FULL:
                self._section(cursor, kind)
            case Record.PART | Record.END:
                self._continued(cursor)
            case Record.COMMAND:
                self._command(cursor)
            case _:
                raise cursor.error(f"unknown record {kind:#04x}", offset=cursor.offset - 1)

    def _read_configuration(self, cursor: Cursor) -> None:
        described = self._description.configuration if self._description else None
        with cursor.within("configuration"):
            self._configuration = read_configuration(cursor, described)

    def _section(self, cursor: Cursor, kind: int) -> None:
        section_id = cursor.u32("a section's id")
        idstr = cursor.name("a section's name")
        instance_id = cursor.u32("a section's instance id")
        version = cursor.u32("a section's version")
        with cursor.within(f"{idstr}[{instance_id}]"):
            if kind == Record.FULL:
                self._device(cursor, section_id, idstr, instance_id, version)
            else:
                self._start(cursor, section_id, idstr, version)
            self._footer(cursor, section_id, is_first=len(self._live) == 1 and kind == Record.START)

    def _start(self, cursor: Cursor, section_id: int, idstr: str, version: int) -> None:
        if idstr != "ram":
            raise cursor.error(
                f"section {idstr!r} is written by a save handler of its own, which is not known",
                hint="save the guest without the migration capability that asks for it",
            )
        if version != SUPPORTED_VERSION:
            raise cursor.error(f"version {version} of the ram section is unknown")
        if self._ram is None:
            self._ram = RamReader(self._page_size(), self._capabilities(), self._is_postcopy)
        self._live[section_id] = (idstr, self._ram.read)
        self._ram.read(cursor)

    def _continued(self, cursor: Cursor) -> None:
        section_id = cursor.u32("a section's id")
        if section_id not in self._live:
            raise cursor.error(f"a part of section {section_id}, which was not begun")
        idstr, content = self._live[section_id]
        with cursor.within(idstr):
            content(cursor)
            self._footer(cursor, section_id)

    def _device(
        self, cursor: Cursor, section_id: int, idstr: str, instance_id: int, version: int
    ) -> None:
        start = cursor.offset
        described = self._description.claim(idstr, instance_id) if self._description else None
        if described is not None and not is_described(
            cursor, described, section_id, self._has_footers
        ):
            described = None
        if described is None and not (self._has_footers and find_footer(cursor, section_id)):
            raise cursor.error(
                "nothing tells how long this section is: no description that fits, no footer",
                hint="the source may have been started with suppress-vmdesc=on",
            )
        payload = cursor.buffer[start : cursor.offset]
        self._sections.append(Section(idstr, instance_id, version, payload, start, described))

    def _footer(self, cursor: Cursor, section_id: int, is_first: bool = False) -> None:
        found = cursor.peek(5)
        if is_first:
            self._has_footers = found[:1] == Record.FOOTER.mark
        if not self._has_footers:
            return
        if found != footer_of(section_id):
            raise cursor.error(f"expected the footer of section {section_id}, found {found!r}")
        cursor.skip(5)

    def _command(self, cursor: Cursor) -> None:
        command = cursor.u16("a command")
        with cursor.within(f"command {command}"):
            data = cursor.take(cursor.u16("a command's length"), "a command's data")
        if command == _POSTCOPY_ADVISE:
            self._is_postcopy = bool(data)  # without data memory is not part of the postcopy

    def _end(self, cursor: Cursor) -> None:
        if cursor.peek() != Record.VMDESCRIPTION.mark:
            if self._description is None:
                return
        elif self._description is None or self._description.offset == cursor.offset:
            read_description(cursor)
            return
        raise cursor.error(
            f"the end mark is here, but the description stands at {self._description.offset}"
        )

    def _page_size(self) -> int:
        if self._description is not None:
            return self._description.page_size
        bits = self._configuration.page_bits if self._configuration else None
        return 1 << min(bits, 63) if bits is not None else DEFAULT_PAGE_SIZE

    def _capabilities(self) -> tuple[str, ...]:
        return self._configuration.capabilities if self._configuration else ()
