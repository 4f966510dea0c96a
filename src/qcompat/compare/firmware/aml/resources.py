"""What a device uses, decoded from a resource template: `_CRS`, `_PRS`.

Two templates that mean the same are written alike: an interrupt without flags is one with the
flags that go without saying. Source: ACPI 6.5, 6.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qcompat.compare.firmware.aml.reader import UnreadableError

_LARGE = 0x80
_END = 0x0F
_EDGE_HIGH_EXCLUSIVE = 0x01
_SPACES = {0: "memory", 1: "I/O", 2: "bus numbers"}
_MANNERS = re.compile(r"((?:IRQ|interrupt) [\d/]+) (?:edge|level), (?:low|high)(?:, shared)?")
_RANGES = re.compile(
    r"(0x[0-9a-f]+)\+(0x[0-9a-f]+)"  # I/O 0xae00+0x14
    r"|(0x[0-9a-f]+)-0x[0-9a-f]+ \((0x[0-9a-f]+)\)"  # memory 0x1000-0x1fff (0x1000)
    r"|(?<=region\(0x.), (0x[0-9a-f]+), (0x[0-9a-f]+)"  # region(0x1, 0xae10, 0x4)
)
_WIDTHS = {0x87: 4, 0x88: 2, 0x8A: 8}


def resources(template: bytes) -> tuple[str, ...]:
    """The resources in words, in order. Errors: UnreadableError."""
    return tuple(_each(template))


def without_manner(words: str) -> str:
    """Resources in words without how their interrupts are signalled: only what is used."""
    return _MANNERS.sub(r"\1", words)


def is_wider(source: str, target: str) -> bool:
    """Whether the target's resources in words are the source's, some ranges only longer.

    What uses the source's then finds all of it in its place.
    """
    ours, theirs = (_RANGES.findall(words) for words in (source, target))
    same_but_for_ranges = _RANGES.sub("", source) == _RANGES.sub("", target)
    return same_but_for_ranges and all(
        _first(one) == _first(other) and _length(one) <= _length(other)
        for one, other in zip(ours, theirs, strict=True)
    )


def _first(found: tuple[str, ...]) -> int:
    return int(found[0] or found[2] or found[4], 16)


def _length(found: tuple[str, ...]) -> int:
    return int(found[1] or found[3] or found[5], 16)


def _each(data: bytes) -> Iterator[str]:
    offset = 0
    while offset < len(data):
        tag = data[offset]
        if tag & _LARGE:
            length = int.from_bytes(data[offset + 1 : offset + 3], "little")
            start = offset + 3
        else:
            length, start = tag & 7, offset + 1
        body = data[start : start + length]
        if len(body) < length:
            raise UnreadableError("a resource ends beyond its template")
        if not tag & _LARGE and tag >> 3 == _END:
            return
        yield _large(tag, body) if tag & _LARGE else _small(tag >> 3, body)
        offset = start + length


def _small(kind: int, body: bytes) -> str:
    if kind == 0x04 and len(body) >= 2:
        flags = body[2] if len(body) > 2 else _EDGE_HIGH_EXCLUSIVE
        lines = [str(n) for n in range(16) if int.from_bytes(body[:2], "little") >> n & 1]
        return f"IRQ {'/'.join(lines) or 'none'} {_manner(_small_flags(flags))}"
    if kind == 0x05 and len(body) >= 2:
        channels = [str(n) for n in range(8) if body[0] >> n & 1]
        return f"DMA {'/'.join(channels) or 'none'} mode {body[1]:#x}"
    if kind == 0x08 and len(body) >= 7:
        low, high = (int.from_bytes(body[i : i + 2], "little") for i in (1, 3))
        moves = "" if low == high else f" up to {high:#x} by {body[5]:#x}"
        return f"I/O {low:#x}+{body[6]:#x}{moves}"
    if kind == 0x09 and len(body) >= 3:
        return f"I/O {int.from_bytes(body[:2], 'little'):#x}+{body[2]:#x}"
    return f"resource {kind:#x} {body.hex()}".rstrip()


def _large(tag: int, body: bytes) -> str:
    if tag in _WIDTHS and len(body) >= 3 + 5 * _WIDTHS[tag]:
        return _space(body, _WIDTHS[tag])
    if tag == 0x86 and len(body) >= 9:
        base, length = (int.from_bytes(body[i : i + 4], "little") for i in (1, 5))
        return f"memory {base:#x}+{length:#x}{'' if body[0] & 1 else ' read-only'}"
    if tag == 0x89 and len(body) >= 6:
        count = body[1]
        lines = [str(int.from_bytes(body[2 + 4 * n : 6 + 4 * n], "little")) for n in range(count)]
        return f"interrupt {'/'.join(lines)} {_manner(_large_flags(body[0]))}"
    return f"resource {tag:#x} {body.hex()}"


def _space(body: bytes, width: int) -> str:
    """An address space descriptor: kind, flags, then granularity, first, last, shift, length."""
    _, first, last, shift, length = (
        int.from_bytes(body[3 + n * width : 3 + (n + 1) * width], "little") for n in range(5)
    )
    kind = _SPACES.get(body[0], f"space {body[0]:#x}")
    moved = f" shifted by {shift:#x}" if shift else ""
    return f"{kind} {first:#x}-{last:#x} ({length:#x}) flags {body[1]:#x}/{body[2]:#x}{moved}"


def _small_flags(flags: int) -> tuple[bool, bool, bool]:
    """Whether the interrupt is edge-triggered, active low, shared."""
    return bool(flags & 1), bool(flags & 8), bool(flags & 16)


def _large_flags(flags: int) -> tuple[bool, bool, bool]:
    return bool(flags & 2), bool(flags & 4), bool(flags & 8)


def _manner(flags: tuple[bool, bool, bool]) -> str:
    is_edge, is_low, is_shared = flags
    words = ("edge" if is_edge else "level", "low" if is_low else "high")
    return ", ".join((*words, "shared")) if is_shared else ", ".join(words)
