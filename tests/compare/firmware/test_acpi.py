"""ACPI tables are told apart by signature, and compared by what they say."""

from __future__ import annotations

import pytest

from qcompat.compare.firmware.acpi import compare_tables, split_tables


def table(signature: str, body: bytes, checksum: int = 0) -> bytes:
    length = 36 + len(body)
    head = signature.encode() + length.to_bytes(4, "little") + bytes([1, checksum])
    return head.ljust(36, b"\0") + body


def kinds(one: bytes, other: bytes) -> list[tuple[str, str | None, str | None]]:
    return [(change.kind, change.source, change.target) for change in compare_tables(one, other)]


def test_tables_are_split_by_signature_and_numbered() -> None:
    data = table("FACP", b"a") + b"\0" * 5 + table("SSDT", b"b") + table("SSDT", b"c")
    assert [each.label for each in split_tables(data)] == ["FACP", "SSDT", "SSDT#2"]


def test_equal_tables_in_other_places_do_not_differ() -> None:
    one = table("FACP", b"a") + table("APIC", b"b")
    other = table("FACP", b"a", checksum=9) + b"\0" * 32 + table("APIC", b"b")
    assert compare_tables(one, other) == []


def test_changed_missing_and_added_tables_differ() -> None:
    one = table("WAET", b"abcd") + table("HPET", b"b")
    other = table("WAET", b"xbcd") + table("TPM2", b"c")
    found = [(d.where, d.source is None, d.target is None) for d in compare_tables(one, other)]
    assert found == [
        ("WAET, flags", False, False),
        ("table HPET", False, True),
        ("table TPM2", True, False),
    ]


def test_a_field_is_told_by_its_name() -> None:
    one, other = (table("FACP", bytes(73) + flags.to_bytes(2, "little")) for flags in (0, 2))
    assert kinds(one, other) == [("FACP.boot_flags", "0x0", "0x2")]


def test_pointers_to_other_tables_follow_from_their_places() -> None:
    one, other = (table("FACP", bytes(4) + place.to_bytes(4, "little")) for place in (1, 2))
    assert kinds(one, other) == []


def test_entries_are_told_in_words_whatever_their_order() -> None:
    processors = [bytes([0, 8, n, n, 1, 0, 0, 0]) for n in range(3)]
    one = table("APIC", bytes(8) + processors[0] + processors[1])
    other = table("APIC", bytes(8) + processors[2] + processors[0])
    assert kinds(one, other) == [
        ("APIC.local APIC", "processor 0x1, id 0x1, flags 0x1", None),
        ("APIC.local APIC", None, "processor 0x2, id 0x2, flags 0x1"),
    ]


def test_a_table_that_nobody_knows_is_compared_as_bytes() -> None:
    assert kinds(table("XYZW", b"abc"), table("XYZW", b"abd")) == [
        ("XYZW.rest", "616263", "616264")
    ]


@pytest.mark.parametrize("entry", [b"\0\0", b"\0\xff", b"\0\1\2"])
def test_torn_entries_are_bytes(entry: bytes) -> None:
    one, other = table("APIC", bytes(8) + entry), table("APIC", bytes(8))
    assert kinds(one, other) == [("APIC.rest", entry.hex(), None)]


def test_definitions_that_cannot_be_read_differ_as_bytes() -> None:
    one, other = table("DSDT", b"\x77\x77"), table("DSDT", b"\x77")
    assert [kind for kind, *_ in kinds(one, other)] == ["unread"]


def test_torn_table_ends_the_list() -> None:
    data = table("FACP", b"a") + table("DSDT", b"long body")[:-4]
    assert [each.label for each in split_tables(data)] == ["FACP"]
