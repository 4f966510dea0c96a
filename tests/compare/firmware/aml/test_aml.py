"""Definition blocks are read to the last byte, and compared by what a system binds to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.compare.firmware.acpi import split_tables
from qcompat.compare.firmware.aml.definitions import definitions
from qcompat.compare.firmware.aml.differences import compare_namespaces
from qcompat.compare.firmware.aml.method import Methods
from qcompat.compare.firmware.aml.namespace import Node, nodes
from qcompat.compare.firmware.aml.reader import Reference, UnreadableError
from qcompat.compare.firmware.aml.resources import is_wider, resources
from qcompat.compare.firmware.fields import HEADER
from qcompat.compare.firmware.files import ACPI_TABLES
from qcompat.portrait.portrait import Portrait

Recording = Callable[[str], Portrait]


def blocks(portrait: Portrait) -> list[bytes]:
    (file,) = (file for file in portrait.firmware if file.name == ACPI_TABLES)
    return [table.data[HEADER:] for table in split_tables(file.data) if table.is_block]


def namespace(portrait: Portrait) -> tuple[Node, ...]:
    return nodes(each for block in blocks(portrait) for each in definitions(block))


def kinds(one: tuple[Node, ...], other: tuple[Node, ...]) -> set[tuple[str, str]]:
    return {(change.kind, change.where) for change in compare_namespaces(one, other)}


def name(path: bytes, value: bytes) -> bytes:
    return b"\x08" + path + value


def package(code: bytes, inside: bytes) -> bytes:
    size = len(inside) + 2
    return code + bytes([0x40 | size & 0xF, size >> 4]) + inside


def device(path: bytes, *inside: bytes) -> bytes:
    return package(b"\x5b\x82", path + b"".join(inside))


def read(*terms: bytes) -> tuple[Node, ...]:
    return nodes(definitions(b"".join(terms)))


@pytest.mark.parametrize("build", ["5.2.0", "7.2.22", "10.0.2", "10.0.13", "11.1.3"])
def test_a_board_has_its_devices(recording: Recording, build: str) -> None:
    found = {node.path: node.members for node in namespace(recording(f"empty@{build}"))}
    assert found["_SB.PCI0"]["_HID"] == "PNP0A08"
    assert found["_SB.HPET"]["_CRS"] == "memory 0xfed00000+0x400 read-only"
    assert found[""]["_S5"] == "(0x0, 0x0, 0x0, 0x0)"


def test_a_device_that_moved_in_the_namespace_is_the_same(recording: Recording) -> None:
    found = kinds(namespace(recording("empty@5.2.0")), namespace(recording("empty@7.2.22")))
    assert ("path", "_SB.PCI0.ISA.KBD") in found
    assert ("device", "_SB.DRAC") in found
    assert not [where for kind, where in found if kind == "device" and where != "_SB.DRAC"]


def test_routing_filled_in_a_loop_is_the_routing_written_out(recording: Recording) -> None:
    ours, theirs = (namespace(recording(f"piix@{build}")) for build in ("7.2.22", "10.0.13"))
    bodies = [
        next(node.bodies["_PRT"] for node in each if node.path == "_SB.PCI0")
        for each in (ours, theirs)
    ]
    one, other = map(Methods().returned, bodies)
    assert bodies[0] != bodies[1]
    assert one == other
    assert isinstance(one, tuple)
    assert one[4] == (0x1FFFF, 0, Reference("LNKS"), 0)
    assert "_SB.PCI0._PRT" not in {where for _, where in kinds(ours, theirs)}


def test_devices_are_paired_by_identity_not_by_name_or_order() -> None:
    first = device(b"AAAA", name(b"_HID", b"\x0c\x41\xd0\x05\x01"), name(b"_UID", b"\x01"))
    second = device(b"BBBB", name(b"_HID", b"\x0c\x41\xd0\x05\x01"), name(b"_UID", b"\x00"))
    renamed = first.replace(b"AAAA", b"CCCC")
    assert kinds(read(first, second), read(second, renamed)) == {("path", "AAAA")}


def test_an_interrupt_without_flags_is_one_with_the_usual_flags() -> None:
    assert resources(b"\x22\x10\x00\x79\x00") == resources(b"\x23\x10\x00\x01\x79\x00")
    assert resources(b"\x23\x10\x00\x18\x79\x00") == ("IRQ 4 level, low, shared",)


def test_resources_that_differ_only_in_how_they_interrupt_are_the_same_places() -> None:
    edge = device(b"DEV0", name(b"_CRS", package(b"\x11", b"\x0a\x05\x22\x10\x00\x79\x00")))
    level = device(b"DEV0", name(b"_CRS", package(b"\x11", b"\x0a\x06\x23\x10\x00\x18\x79\x00")))
    other = device(b"DEV0", name(b"_CRS", package(b"\x11", b"\x0a\x05\x22\x08\x00\x79\x00")))
    assert kinds(read(edge), read(level)) == {("manner of _CRS", "DEV0._CRS")}
    assert kinds(read(edge), read(other)) == {("_CRS", "DEV0._CRS")}


@pytest.mark.parametrize(
    ("source", "target", "wider"),
    [
        ("I/O 0xae00+0x14", "I/O 0xae00+0x18", True),
        ("I/O 0xae00+0x18", "I/O 0xae00+0x14", False),
        ("I/O 0xae00+0x14", "I/O 0xae04+0x18", False),
        ("I/O 0xae00+0x14, IRQ 4 edge, high", "I/O 0xae00+0x18, IRQ 5 edge, high", False),
        ("region(0x1, 0xae10, 0x4)", "region(0x1, 0xae10, 0x8)", True),
        ("region(0x1, 0xae10, 0x4)", "region(0x0, 0xae10, 0x8)", False),
        ("memory 0x1000-0x1fff (0x1000)", "memory 0x1000-0x2fff (0x2000)", True),
        ("memory 0x1000-0x1fff (0x1000)", "memory 0x0-0x1fff (0x2000)", False),
    ],
)
def test_a_range_that_only_grew_has_all_in_its_place(source: str, target: str, wider: bool) -> None:
    assert is_wider(source, target) == wider


def test_a_name_that_becomes_a_method_with_the_same_result_is_the_same() -> None:
    method = package(b"\x14", b"_STA\x00\xa4\x0a\x0f")
    one = read(device(b"DEV0", name(b"_STA", b"\x0a\x0f")))
    assert kinds(one, read(device(b"DEV0", method))) == set()


def test_a_method_that_asks_a_register_differs_by_its_code() -> None:
    one, other = (read(package(b"\x14", b"_STA\x00\xa4" + reg)) for reg in (b"REGA", b"REGB"))
    assert kinds(one, other) == {("code of _STA", "_STA")}


def test_an_endless_method_is_left_alone() -> None:
    methods = Methods()
    assert methods.returned(package(b"\xa2", b"\x01\xa3")) is None
    assert methods.returned(b"\xa4\x01") is None, "the bound is one for all methods"
    assert Methods().returned(b"\xa4\x01") == 1


def test_data_that_a_method_hands_on_are_told_where_they_differ(recording: Recording) -> None:
    """On q35 `_PRT` returns one of two tables with names of their own."""
    block = max(blocks(recording("empty@10.0.13")), key=len)
    at = block.index(b"LNKG")
    other = block[:at] + b"LNKA" + block[at + 4 :]
    (change,) = compare_namespaces(nodes(definitions(block)), nodes(definitions(other)))
    assert (change.kind, change.where) == ("own value", "_SB.PCI0.PRTP")
    assert (change.source, change.target) == (
        "… (0xffff, 0x2, LNKG, 0x0) …",
        "… (0xffff, 0x2, LNKA, 0x0) …",
    )


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    try:
        nodes(definitions(data))
    except UnreadableError:
        return


@given(st.data())
def test_no_damage_breaks_the_reader(recording: Recording, data: st.DataObject) -> None:
    block = bytearray(max(blocks(recording("empty@10.0.13")), key=len))
    for _ in range(data.draw(st.integers(1, 4))):
        block[data.draw(st.integers(0, len(block) - 1))] = data.draw(st.integers(0, 255))
    try:
        nodes(definitions(bytes(block)))
    except UnreadableError:
        return


@given(st.binary(max_size=80))
def test_no_template_breaks_the_resources(data: bytes) -> None:
    try:
        resources(data)
    except UnreadableError:
        return
