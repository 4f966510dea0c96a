"""Values in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.stream.decode.formatting import bit_fields, flags, ranges, text, time


def test_flags_without_a_name_have_their_number() -> None:
    assert flags(0b101, {0: "A"}) == "A, bit 2"
    assert flags(0, {0: "A"}) == ""


def test_numbers_between_flags_are_not_flags() -> None:
    assert bit_fields(0x8004, [(0, 11, "vectors", 1)], {15: "enabled"}) == "vectors 5, enabled"


def test_a_timer_that_is_not_set_never_fires() -> None:
    assert time(-1) == time((1 << 64) - 1) == "never"
    assert time(1) == "0.000000001 s"


@pytest.mark.parametrize(
    ("data", "word", "said"),
    [
        (b"", 1, "none"),
        (b"\x0d\x80", 1, "0, 2-3, 15"),
        (b"\0\0\0\x03\x80\0\0\0", 4, "0-1, 63"),
        (b"\x55" * 100, 1, ", ".join(str(n) for n in range(0, 48, 2)) + ", ..."),
    ],
)
def test_ranges_of_bits(data: bytes, word: int, said: str) -> None:
    assert ranges(data, word=word) == said


@given(st.sets(st.integers(0, 40)))
def test_ranges_name_exactly_the_bits_set(bits: set[int]) -> None:
    said = ranges(sum(1 << bit for bit in bits).to_bytes(8, "little"))
    found: set[int] = set()
    for each in said.split(", ") if said != "none" else ():
        first, _, last = each.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    assert found == bits


def test_text_ends_at_a_null_byte() -> None:
    assert text(b"running\0\0") == "running"
    assert text(b"\xff\0") == ""
