"""How the target reads a row of fields that it did not write."""

from __future__ import annotations

import pytest

from qcompat.rules.section.reading import first_misfit
from qcompat.stream.layout import Leaf


def leaf(path: str, kind: str, data: bytes, count: int = 1) -> Leaf:
    return Leaf(path, kind, len(data) // max(count, 1), count, 0, data)


NUMBER = leaf("num", "uint32", b"\0\0\0\2")
THREE = leaf("num", "uint32", b"\0\0\0\3")
NONE = leaf("num", "uint32", b"\0\0\0\0")
BYTE = leaf("flag", "uint8", b"\1")


def timers(count: int) -> list[Leaf]:
    return [leaf(f"timer[{i}].{part}", "uint8", b"\1") for i in range(count) for part in "ab"]


def test_same_sizes_fit_whatever_the_names() -> None:
    renamed = leaf("other", "int32", b"\0\0\0\7")
    assert first_misfit([NUMBER, BYTE], [renamed, BYTE]) is None


def test_field_too_many_misfits_where_it_stands() -> None:
    assert first_misfit([BYTE, NUMBER, BYTE], [BYTE, BYTE]) == (1, 1)
    assert first_misfit([BYTE], [BYTE, NUMBER]) == (1, 1)


def test_other_size_misfits() -> None:
    assert first_misfit([leaf("a", "uint16", b"\0\1"), BYTE], [NUMBER, BYTE]) == (0, 0)


def test_one_buffer_may_take_several_fields() -> None:
    buffer = leaf("runstate", "buffer", bytes(5))
    assert first_misfit([buffer, BYTE], [NUMBER, BYTE, BYTE]) is None
    assert first_misfit([NUMBER, BYTE, BYTE], [buffer, BYTE]) is None


def test_shifted_fields_are_no_block() -> None:
    half = leaf("half", "uint16", b"\0\1")
    assert first_misfit([BYTE, half, BYTE], [half, BYTE, BYTE]) is not None


@pytest.mark.parametrize("kind", ["qtailq", "gtree", "virtio"])
def test_lists_carry_their_own_end(kind: str) -> None:
    assert first_misfit([leaf("l", kind, b"\1\1")], [leaf("l", kind, b"\1\1\1\1")]) is None


def test_array_of_announced_length_fits() -> None:
    two, three = leaf("a", "uint8", b"ab", 2), leaf("a", "uint8", b"abc", 3)
    assert first_misfit([NUMBER, two], [THREE, three]) is None
    assert first_misfit([NUMBER, two], [NONE]) is None


def test_array_of_configured_length_misfits() -> None:
    two, three = leaf("a", "uint8", b"ab", 2), leaf("a", "uint8", b"abc", 3)
    assert first_misfit([BYTE, two], [BYTE, three]) == (1, 1)


def test_structures_of_announced_number_fit() -> None:
    assert first_misfit([NUMBER, *timers(2), BYTE], [THREE, *timers(3), BYTE]) is None
    assert first_misfit([THREE, *timers(3), BYTE], [NUMBER, *timers(2), BYTE]) is None


def test_structures_of_configured_number_misfit() -> None:
    assert first_misfit([BYTE, *timers(2)], [BYTE, *timers(3)]) is not None


def test_encodings_of_their_own_are_not_mixed_with_plain_bytes() -> None:
    config = leaf("config", "pci config", bytes(256))
    assert first_misfit([config], [leaf("config", "buffer", bytes(256))]) == (0, 0)


def test_an_index_that_is_a_name_counts_no_elements() -> None:
    segment = leaf("env.segs[R_CS].base", "uint64", bytes(8))
    assert first_misfit([segment, NUMBER], [BYTE, NUMBER]) == (0, 0)
