"""Writes the smallest ELF files that have strings, data and relocations."""

from __future__ import annotations

import struct
from collections.abc import Sequence

RELR = 19
_PROGBITS, _STRTAB, _RELA = 1, 3, 4


def write_elf(
    order: str,
    address: int,
    text: bytes,
    *,
    addends: Sequence[int] = (),
    data: Sequence[int] = (),
    fixed: bool = False,
    extra_kind: int = _PROGBITS,
) -> bytes:
    """A 64-bit file: `text` as .rodata at `address`, `data` as .data.rel.ro, `addends` as RELA."""
    relocations = b"".join(struct.pack(f"{order}QQQ", 0, 8, addend) for addend in addends)
    words = b"".join(struct.pack(f"{order}Q", word) for word in data)
    sections = [
        ("", 0, 0, b""),
        (".rodata", _PROGBITS, address, text),
        (".rela.dyn", _RELA, 0, relocations),
        (".data.rel.ro", _PROGBITS, 0x9000, words),
        (".extra", extra_kind, 0, b""),
    ]
    titles = b"".join(name.encode() + b"\0" for name, *_ in sections) + b".shstrtab\0"
    sections.append((".shstrtab", _STRTAB, 0, titles))
    body, headers = b"", b""
    for name, kind, place, content in sections:
        title = titles.index(name.encode() + b"\0")
        fields = (title, kind, 0, place, 64 + len(body), len(content), 0, 0, 1, 0)
        headers += struct.pack(f"{order}IIQQQQIIQQ", *fields)
        body += content
    ident = b"\x7fELF\x02" + (b"\x01" if order == "<" else b"\x02") + bytes(10)
    rest = (2 if fixed else 3, 0x3E, 1, 0, 0, 64 + len(body), 0, 64, 0, 0, 64, len(sections))
    header = ident + struct.pack(f"{order}HHIQQQIHHHHHH", *rest, len(sections) - 1)
    return header + body + headers
