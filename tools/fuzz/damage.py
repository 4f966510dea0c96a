"""Damaging the bytes of a stream at random: what transport, disks and attackers do to it."""

from __future__ import annotations

import random
from collections.abc import Callable

_INTERESTING = (0, 1, 4, 7, 8, 0x10, 0x20, 0x22, 0x28, 0x30, 0x7E, 0x7F, 0x80, 0xFF)
_NUMBERS = (0, 1, 0xFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 40, (1 << 63) - 1, (1 << 64) - 1)
_MOST = 6
_TAIL = 0.7
"""How often damage is done to the last quarter, where device states and description are."""


def damaged(data: bytes, seed: int) -> bytes:
    """`data` with one to six damages, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - reproducible on purpose
    found = bytearray(data)
    for _ in range(chance.randint(1, _MOST)):
        if found:
            chance.choice(_WAYS)(found, _place(found, chance), chance)
    return bytes(found)


def _place(data: bytearray, chance: random.Random) -> int:
    first = 3 * len(data) // 4 if chance.random() < _TAIL else 0
    return chance.randrange(first, len(data))


def _byte(data: bytearray, at: int, chance: random.Random) -> None:
    data[at] = chance.randrange(256)


def _interesting(data: bytearray, at: int, chance: random.Random) -> None:
    data[at] = chance.choice(_INTERESTING)


def _bit(data: bytearray, at: int, chance: random.Random) -> None:
    data[at] ^= 1 << chance.randrange(8)


def _number(data: bytearray, at: int, chance: random.Random) -> None:
    size = chance.choice((2, 4, 8))
    number = chance.choice(_NUMBERS) & (1 << 8 * size) - 1
    data[at : at + size] = number.to_bytes(size, "big")


def _cut(data: bytearray, at: int, chance: random.Random) -> None:
    del data[at : chance.choice((at + 1, len(data)))]


def _removed(data: bytearray, at: int, chance: random.Random) -> None:
    del data[at : at + chance.randint(1, 64)]


def _inserted(data: bytearray, at: int, chance: random.Random) -> None:
    data[at:at] = chance.randbytes(chance.randint(1, 64))


def _copied(data: bytearray, at: int, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    data[at:at] = data[start : start + chance.randint(1, 256)]


def _digit(data: bytearray, at: int, chance: random.Random) -> None:
    """A number of the description: sizes and counts are digits there."""
    found = next((place for place in range(at, len(data)) if chr(data[place]).isdigit()), None)
    if found is not None:
        data[found] = ord(chance.choice("0123456789-e."))


_WAYS: tuple[Callable[[bytearray, int, random.Random], None], ...] = (
    _byte,
    _interesting,
    _bit,
    _number,
    _cut,
    _removed,
    _inserted,
    _copied,
    _digit,
)
