"""Bits of byte strings, against the same done byte by byte."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qcompat.rules.pci.registers import common, inverted, places, unequal, without

ANY = st.binary(max_size=64)


@given(ANY)
def test_inverted_turns_every_bit(bits: bytes) -> None:
    assert inverted(bits) == bytes(~byte & 0xFF for byte in bits)


@given(ANY, ANY)
def test_without_takes_away_what_the_other_has(bits: bytes, gone: bytes) -> None:
    padded = gone[: len(bits)].ljust(len(bits), b"\0")
    assert without(bits, gone) == bytes(a & ~b & 0xFF for a, b in zip(bits, padded, strict=True))


@given(ANY, ANY)
def test_unequal_and_common_end_with_the_shorter(one: bytes, other: bytes) -> None:
    pairs = list(zip(one, other, strict=False))
    assert unequal(one, other) == bytes(a ^ b for a, b in pairs)
    assert common(one, other) == bytes(a & b for a, b in pairs)


@given(ANY)
def test_places_are_the_bytes_with_bits(bits: bytes) -> None:
    assert list(places(bits)) == [at for at, byte in enumerate(bits) if byte]
