"""Values as text: flags, times, addresses. Small and pure; callers give the names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_SECOND = 1_000_000_000
_LISTED = 24
_LONGEST = 1 << 20  # bytes of a bitmap that is searched


def flags(value: int, names: Mapping[int, str]) -> str:
    """The names of the bits set, lowest first; `bit 5` for one without a name."""
    bits = [bit for bit in range(value.bit_length()) if value >> bit & 1]
    return ", ".join(names.get(bit) or f"bit {bit}" for bit in bits)


def bit_fields(
    value: int, numbers: Iterable[tuple[int, int, str, int]], names: Mapping[int, str]
) -> str:
    """Numbers within `value`, each (lowest bit, width, name, what to add), and its other flags."""
    found = []
    for low, width, name, plus in numbers:
        mask = (1 << width) - 1 << low
        found.append(f"{name} {((value & mask) >> low) + plus}")
        value &= ~mask
    named = flags(value, names)
    return ", ".join([*found, named] if named else found)


def time(nanoseconds: int) -> str:
    """A time of the guest's clock; -1 is how QEMU writes a timer that is not set."""
    if nanoseconds in (-1, (1 << 64) - 1):
        return "never"
    return f"{nanoseconds / _SECOND:.9f} s"


def ranges(bitmap: bytes, *, word: int = 1) -> str:
    """The bits set in a bitmap as `0-3, 17`; `word` is the bytes of one big-endian word."""
    if len(bitmap) > _LONGEST:
        return f"{8 * len(bitmap)} bits"
    found: list[str] = []
    for first, last in _runs(_bits(bitmap, word)):
        if len(found) == _LISTED:
            return ", ".join(found) + ", ..."
        found.append(str(first) if first == last else f"{first}-{last}")
    return ", ".join(found) or "none"


def hexadecimal(value: int) -> str:
    return f"{value:#x}"


def mac(address: bytes) -> str:
    return address.hex(":")


def text(data: bytes) -> str:
    """Printable text up to the first null byte, or nothing."""
    raw = data.partition(b"\0")[0]
    return raw.decode("ascii") if raw.isascii() and raw.decode("ascii").isprintable() else ""


def _bits(bitmap: bytes, word: int) -> int:
    words = (bitmap[at : at + word] for at in range(0, len(bitmap), word))
    ordered = b"".join(each[::-1] for each in words) if word > 1 else bitmap
    return int.from_bytes(ordered, "little")


def _runs(bits: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    at = 0
    while bits and len(found) <= _LISTED:
        zeros = (bits & -bits).bit_length() - 1
        bits >>= zeros
        at += zeros
        ones = (~bits & (bits + 1)).bit_length() - 1
        found.append((at, at + ones - 1))
        bits >>= ones
        at += ones
    return found
