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
    assert list(compare_structures(structure(1, 1, b"x"), structure(1, 2, b"x"))) == []


def test_other_contents_and_numbers_differ() -> None:
    one = structure(4, 1, b"a") + structure(17, 2)
    other = structure(4, 1, b"b") + structure(17, 2) + structure(17, 3)
    found = [(d.type, d.number) for d in compare_structures(one, other)]
    assert found == [(4, 0), (17, 1)]
