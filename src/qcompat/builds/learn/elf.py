"""Reading ELF files: their sections, and the pointers to text in their data.

Only enough to find the strings that static structures point to. `readelf` may not be installed,
and reading a build's strings takes a tenth of a second here.

Sources: System V ABI, chapters "Object Files" and "Relocation" (gABI 4.3).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import msgspec

LARGEST = 1 << 30
"""Bytes of a binary; one with everything and its debugging symbols has some 500 MiB."""
MAGIC = b"\x7fELF"
_LIBRARY_PATHS, _NEEDED = (15, 29), 1
"""DT_RPATH and DT_RUNPATH; DT_NEEDED."""
_LONGEST = 1 << 16
_RELA, _RELR, _NOBITS, _FIXED = 4, 19, 8, 2


class Section(msgspec.Struct, frozen=True):
    """A section: its address when loaded, and its bytes."""

    name: str
    kind: int
    address: int
    content: bytes


class Elf:
    """A 64-bit ELF file. Errors: ValueError for anything else, or one that is cut short."""

    def __init__(self, content: bytes) -> None:
        if not content.startswith(MAGIC) or len(content) < 64 or content[4] != 2:
            raise ValueError("not a 64-bit ELF file")
        self._order = "<" if content[5] == 1 else ">"
        self._fixed = struct.unpack_from(f"{self._order}H", content, 16)[0] == _FIXED
        self.machine: int = struct.unpack_from(f"{self._order}H", content, 18)[0]
        try:
            self.sections = tuple(self._read_sections(content))
        except (struct.error, IndexError) as error:
            raise ValueError("its section table is cut short") from error

    @property
    def interpreter(self) -> str:
        """The program that loads this one, such as `/lib64/ld-linux-x86-64.so.2`; empty: none."""
        text = next((each.content for each in self.sections if each.name == ".interp"), b"")
        return _text(text)

    @property
    def library_directories(self) -> tuple[str, ...]:
        """Where the file has its libraries looked for, `$ORIGIN` being its own directory."""
        paths = self._dynamic(*_LIBRARY_PATHS)
        return tuple(path for text in paths for path in text.split(":") if path)

    @property
    def needed(self) -> tuple[str, ...]:
        """The libraries that the file is linked with, such as `libc.so.6`."""
        return tuple(self._dynamic(_NEEDED))

    def constants(self) -> tuple[Section, ...]:
        """The sections that hold string literals."""
        return tuple(s for s in self.sections if s.name.startswith(".rodata"))

    def pointers(self) -> set[int]:
        """All addresses that data of the file points to (and some numbers that are not addresses).

        A position-independent file has them as addends of its relocations; one loaded at a
        fixed address, or with packed relocations, has them in the data itself.
        """
        found: set[int] = set()
        for section in self.sections:
            if section.kind == _RELA:
                found.update(word for _, _, word in self._words(section.content, "QQQ"))
        if self._fixed or any(section.kind == _RELR for section in self.sections):
            for section in self.sections:
                if section.name.startswith(".data"):
                    found.update(word for (word,) in self._words(section.content, "Q"))
        return found

    def _dynamic(self, *tags: int) -> Iterator[str]:
        """The texts of the dynamic section's entries that have one of the tags."""
        by_name = {each.name: each.content for each in self.sections}
        names = by_name.get(".dynstr", b"")
        entries = self._words(by_name.get(".dynamic", b""), "QQ")
        return (_text(names[value : value + _LONGEST]) for tag, value in entries if tag in tags)

    def _words(self, content: bytes, form: str) -> Iterator[tuple[int, ...]]:
        whole = len(content) - len(content) % (8 * len(form))
        return struct.iter_unpack(self._order + form, memoryview(content)[:whole])

    def _read_sections(self, content: bytes) -> Iterator[Section]:
        (start,) = struct.unpack_from(f"{self._order}Q", content, 40)
        size, count, names = struct.unpack_from(f"{self._order}HHH", content, 58)
        headers = [
            struct.unpack_from(f"{self._order}IIQQQQ", content, start + size * number)
            for number in range(count)
        ]
        titles = headers[names][4]
        for title, kind, _, address, offset, length in headers:
            name = content[titles + title : content.index(b"\0", titles + title)].decode("latin-1")
            body = b"" if kind == _NOBITS else content[offset : offset + length]
            yield Section(name, kind, address, body)


def _text(content: bytes) -> str:
    return content.partition(b"\0")[0].decode(errors="surrogateescape")
