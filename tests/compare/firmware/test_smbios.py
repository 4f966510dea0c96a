"""SMBIOS structures are compared without their handles."""

from __future__ import annotations

from qcompat.compare.firmware.smbios import compare_structures, split_structures


def structure(kind: int, handle: int, body: bytes = b"", *strings: bytes) -> bytes:
    head = bytes([kind, 4 + len(body)]) + handle.to_bytes(2, "little") + body
    return head + (b"\0".join(strings) + b"\0\0" if strings else b"\0\0")


def test_structures_are_split_with_their_strings() -> None:
    data = structure(1, 0x100, b"\1\2", b"QEMU", b"pc") + structure(127, 0x7F00)
    assert [(s.type, s.strings) for s in split_structures(data)] == [(1, ("QEMU", "pc")), (127, ())]


def test_other_handles_are_no_difference() -> None:
    assert compare_structures(structure(1, 1, b"x"), structure(1, 2, b"x")) == []


def test_other_contents_and_numbers_differ() -> None:
    one = structure(4, 1, b"a") + structure(17, 2)
    other = structure(4, 1, b"b") + structure(17, 2) + structure(17, 3)
    found = [d.where for d in compare_structures(one, other)]
    assert found == ["Memory device #2", "Processor, socket"]


def changes(one: bytes, other: bytes) -> list[tuple[str, str | None, str | None]]:
    return [
        (change.kind, change.source, change.target) for change in compare_structures(one, other)
    ]


def test_a_text_is_told_by_its_field_not_its_number() -> None:
    one = structure(1, 1, bytes([1, 2, 0, 0]), b"QEMU", b"pc")
    other = structure(1, 1, bytes([2, 1, 0, 0]), b"box", b"QEMU")
    assert changes(one, other) == [("SMBIOS.System.product", "'pc'", "'box'")]


def test_an_identity_is_told() -> None:
    one, other = (structure(1, 1, bytes(4) + uuid) for uuid in (bytes(16), bytes([1] * 16)))
    assert changes(one, other) == [
        (
            "SMBIOS.System.uuid",
            "00000000-0000-0000-0000-000000000000",
            "01010101-0101-0101-0101-010101010101",
        )
    ]


def test_a_value_that_moved_to_the_wider_field_is_the_same() -> None:
    """10.0 writes a processor's family as 0xfe, "see family 2", where 7.2 wrote it at once."""
    one, other = (
        structure(4, 1, bytes([0, 3, family]) + bytes(33) + bytes([1, 0]) + bytes(6))
        for family in (1, 0xFE)
    )
    assert changes(one, other) == []


def test_a_string_that_is_not_there_is_no_error() -> None:
    ((_, source, _),) = changes(structure(1, 1, bytes([9])), structure(1, 1, bytes([0])))
    assert source == "string 9, which is not there"


def test_a_structure_of_a_vendor_is_compared_as_bytes() -> None:
    assert changes(structure(200, 1, b"a"), structure(200, 1, b"b")) == [
        ("SMBIOS.200.rest", "61", "62")
    ]
