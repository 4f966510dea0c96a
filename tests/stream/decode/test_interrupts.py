"""Interrupt pins and MSI-X tables."""

from __future__ import annotations

import pytest

from qcompat.errors import StreamError
from qcompat.stream.decode.interrupts import decode_msix, decode_pins
from qcompat.stream.decode.pieces import Pieces

ENTRY = (0xFEE01000).to_bytes(8, "little") + (0x4021).to_bytes(4, "little") + bytes(4)
MASKED = bytes(12) + (1).to_bytes(4, "little")


def test_raised_pins_are_named() -> None:
    assert decode_pins(Pieces(bytes(16))) == "none raised"
    assert decode_pins(Pieces(bytes(7) + b"\1" + bytes(8))) == "INTB raised"


def test_a_table_says_where_each_vector_goes() -> None:
    pieces = Pieces(ENTRY + MASKED + b"\2", 100)
    assert decode_msix(pieces) == "2 vectors, 1 masked"
    first, second, pending = pieces.parts
    assert (first.path, first.meaning) == ("vector 0", "0x4021 to 0xfee01000")
    assert (second.path, second.meaning) == ("vector 1", "unset, masked")
    assert (pending.offset, pending.meaning) == (132, "1")


@pytest.mark.parametrize("vectors", [1, 7, 8, 9, 64, 2048])
def test_the_number_of_vectors_follows_from_the_length(vectors: int) -> None:
    pieces = Pieces(MASKED * vectors + bytes((vectors + 7) // 8))
    assert decode_msix(pieces) == f"{vectors} vectors, {vectors} masked"
    assert pieces.left == 0


@pytest.mark.parametrize("size", [1, 16, 18, 2049 * 16 + 257, 1 << 20])
def test_other_lengths_are_no_table(size: int) -> None:
    with pytest.raises(StreamError, match="not an MSI-X table"):
        decode_msix(Pieces(bytes(size)))


def test_a_function_without_msix_has_no_vectors() -> None:
    assert decode_msix(Pieces(b"")) == "no vectors"
