"""Breaking a stream in one named way: what tests put before the readers.

Each defect is a function from the named records of a whole stream (`writer.pieces`) to those of
a broken one, and changes nothing else. `DEFECTS` lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qcompat.stream.memory.ram_flags import CONTINUE, EOS, PAGE
from qcompat.stream.model import Stream
from qcompat.stream.reader.boundary import footer_of
from qcompat.stream.writer.writer import pieces, u32, u64

Pieces = dict[str, bytes]

_UNKNOWN_RECORD = b"\x42"
_FOOTER = 5


def broken(stream: Stream, defect: str) -> bytes:
    """The bytes of `stream` with the one defect of that name (a key of DEFECTS)."""
    return b"".join(DEFECTS[defect](dict(pieces(stream))).values())


def _last_device(named: Pieces) -> str:
    return next(name for name in reversed(named) if name.endswith("]"))


def _cut(named: Pieces, name: str, size: int) -> Pieces:
    return named | {name: named[name][:-size]}


def _without_end(named: Pieces) -> Pieces:
    return {name: data for name, data in named.items() if name not in ("end", "description")}


def _without_footer(named: Pieces) -> Pieces:
    return _cut(named, _last_device(named), _FOOTER)


def _foreign_footer(named: Pieces) -> Pieces:
    name = _last_device(named)
    return named | {name: named[name][:-_FOOTER] + footer_of(0xFFFF)}


def _unknown_record(named: Pieces) -> Pieces:
    return named | {"end": _UNKNOWN_RECORD + named["end"]}


def _raised_format(named: Pieces) -> Pieces:
    return named | {"header": named["header"][:4] + u32(4)}


def _other_magic(named: Pieces) -> Pieces:
    return named | {"header": u32(0x12345678) + named["header"][4:]}


def _unknown_flags(named: Pieces) -> Pieces:
    return _inserted_page(named, u64(PAGE | EOS))


def _page_outside(named: Pieces) -> Pieces:
    return _inserted_page(named, u64(1 << 60 | PAGE | CONTINUE))


def _inserted_page(named: Pieces, record: bytes) -> Pieces:
    """`record` before the end mark of the last part of ram."""
    end = u64(EOS)
    at = named["ram end"].rindex(end)
    data = named["ram end"]
    return named | {"ram end": data[:at] + record + data[at:]}


def _short_description(named: Pieces) -> Pieces:
    return _cut(named, "description", 1)


def _damaged_description(named: Pieces) -> Pieces:
    return named | {"description": named["description"].replace(b'"size":', b'"size";', 1)}


def _missing_device(named: Pieces) -> Pieces:
    return {name: data for name, data in named.items() if name != _last_device(named)}


def _repeated_device(named: Pieces) -> Pieces:
    name = _last_device(named)
    return named | {name: named[name] * 2}


def _longer_device(named: Pieces) -> Pieces:
    """One byte more than the description says, before the footer."""
    name = _last_device(named)
    return named | {name: named[name][:-_FOOTER] + b"\0" + named[name][-_FOOTER:]}


def _trailing(named: Pieces) -> Pieces:
    return named | {"trailing": b"more"}


DEFECTS: Mapping[str, Callable[[Pieces], Pieces]] = {
    "end_missing": _without_end,
    "footer_missing": _without_footer,
    "footer_of_another_section": _foreign_footer,
    "record_unknown": _unknown_record,
    "format_raised": _raised_format,
    "magic_changed": _other_magic,
    "ram_flags_unknown": _unknown_flags,
    "page_outside_block": _page_outside,
    "description_cut_short": _short_description,
    "description_damaged": _damaged_description,
    "device_missing": _missing_device,
    "device_repeated": _repeated_device,
    "device_longer_than_described": _longer_device,
    "bytes_trailing": _trailing,
}
"""Every way to break a stream, named by what happened."""
