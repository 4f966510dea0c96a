"""ACPI tables are told apart by signature and compared without their checksum."""

from __future__ import annotations

from qcompat.compare.firmware.acpi import compare_tables, split_tables


def table(signature: str, body: bytes, checksum: int = 0) -> bytes:
    length = 36 + len(body)
    head = signature.encode() + length.to_bytes(4, "little") + bytes([1, checksum])
    return head.ljust(36, b"\0") + body


def test_tables_are_split_by_signature_and_numbered() -> None:
    data = table("FACP", b"a") + b"\0" * 5 + table("SSDT", b"b") + table("SSDT", b"c")
    assert [each.label for each in split_tables(data)] == ["FACP", "SSDT", "SSDT#2"]


def test_equal_tables_in_other_places_do_not_differ() -> None:
    one = table("FACP", b"a") + table("APIC", b"b")
    other = table("FACP", b"a", checksum=9) + b"\0" * 32 + table("APIC", b"b")
    assert list(compare_tables(one, other)) == []


def test_changed_missing_and_added_tables_differ() -> None:
    one = table("FACP", b"a") + table("HPET", b"b")
    other = table("FACP", b"x") + table("WAET", b"c")
    found = [(d.label, d.source is None, d.target is None) for d in compare_tables(one, other)]
    assert found == [("FACP", False, False), ("HPET", False, True), ("WAET", True, False)]


def test_first_differing_byte_is_told() -> None:
    (difference,) = compare_tables(table("DSDT", b"abc"), table("DSDT", b"abd"))
    assert difference.offset == 38


def test_torn_table_ends_the_list() -> None:
    data = table("FACP", b"a") + table("DSDT", b"long body")[:-4]
    assert [each.label for each in split_tables(data)] == ["FACP"]
