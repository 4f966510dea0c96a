"""Bits of byte strings, taken as whole numbers: 4 KiB of registers in microseconds.

A shorter operand counts as continued with zeros; results have the length of the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SET = re.compile(rb"[^\0]")


def inverted(bits: bytes) -> bytes:
    """Every bit turned round."""
    length = len(bits)
    return (~_number(bits) & ((1 << 8 * length) - 1)).to_bytes(length, "little")


def without(bits: bytes, gone: bytes) -> bytes:
    """The bits that are not in `gone`."""
    return (_number(bits) & ~_number(gone)).to_bytes(len(bits), "little")


def unequal(one: bytes, other: bytes) -> bytes:
    """The bits in which two strings differ, as far as the shorter one goes."""
    length = min(len(one), len(other))
    return (_number(one[:length]) ^ _number(other[:length])).to_bytes(length, "little")


def common(one: bytes, other: bytes) -> bytes:
    """The bits that both have, as far as the shorter one goes."""
    length = min(len(one), len(other))
    return (_number(one[:length]) & _number(other[:length])).to_bytes(length, "little")


def places(bits: bytes) -> Iterator[int]:
    """The offsets of the bytes that have a bit set."""
    return (match.start() for match in _SET.finditer(bits))


def _number(bits: bytes) -> int:
    return int.from_bytes(bits, "little")
