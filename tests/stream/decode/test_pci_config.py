"""Configuration space in parts, and what its bits say."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcompat.stream.decode.field import Field
from qcompat.stream.decode.pci_config import add_config, decode_config
from qcompat.stream.decode.pieces import Pieces
from qcompat.stream.fields import fields
from tests.stream.conftest import recorded
from tests.stream.decode.parts import assert_covered, every

EXPRESS = "debian-10.0.13-pc-q35-5.2-virtio"


def config(idstr: str) -> dict[str, Field]:
    section = next(each for each in recorded(EXPRESS).sections if each.idstr == idstr)
    (whole,) = (each for each in fields(section) if each.type == "pci config")
    return {each.path: each for each in whole.parts}


@pytest.mark.parametrize(
    ("idstr", "path", "meaning"),
    [
        ("0000:00:1f.2/ich9_ahci", "class code", "AHCI controller"),
        ("0000:00:1f.2/ich9_ahci", "status", "capabilities"),
        ("0000:00:1f.2/ich9_ahci", "MSI message control", "offered 0, log2 of vectors enabled 0"),
        ("0000:00:1f.2/ich9_ahci", "BAR 4", "I/O at 0x0"),
        ("0000:00:09.0:00.0/e1000e", "MSI-X message control", "vectors 5"),
        ("0000:00:09.0:00.0/e1000e", "MSI-X table offset and BAR", "0x0 in BAR 3"),
        ("0000:00:09.0/pcie-root-port", "header type", "bridge"),
        ("0000:00:09.0/pcie-root-port", "PCIe slot status", "present"),
        ("0000:00:09.0/pcie-root-port", "PCIe link status", "speed code 1, width 1"),
    ],
)
def test_registers_say_what_they_mean(idstr: str, path: str, meaning: str) -> None:
    assert meaning in config(idstr)[path].meaning


def test_a_register_that_another_capability_overlays_is_cut() -> None:
    found = config("0000:00:09.0:00.0/e1000e")
    assert found["AER TLP prefix log"].size == 8  # DSN begins in the middle of it
    assert found["DSN serial number"].type == "u64 little-endian"


def test_registers_of_the_device_itself_are_opaque_as_far_as_they_are_used() -> None:
    found = config("0000:00:1f.0/ICH9LPC")
    assert [each.path for each in found.values() if each.is_opaque] == ["0x040"]
    assert list(found.values())[-1].type == "unused"


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        (0, "unset"),
        (0xC001, "I/O at 0xc000"),
        (0xFEB0000C, "64-bit memory at 0xfeb00000, prefetchable"),
        (0xFEB00000, "32-bit memory at 0xfeb00000"),
    ],
)
def test_base_addresses(value: int, meaning: str) -> None:
    pieces = Pieces(bytes(0x10) + value.to_bytes(4, "little") + bytes(236))
    decode_config(pieces)
    assert next(each for each in pieces.parts if each.path == "BAR 0").meaning == meaning


@given(st.binary(max_size=64), st.sampled_from([256, 4096]), st.data())
@settings(max_examples=150)
def test_any_configuration_space_is_covered(head: bytes, size: int, draw: st.DataObject) -> None:
    data = bytearray(head.ljust(size, b"\0"))
    data[6] |= 0x10
    for _ in range(draw.draw(st.integers(0, 30))):
        data[draw.draw(st.integers(0x34, size - 1))] = draw.draw(st.integers(0, 255))
    pieces = Pieces(bytes(data), 77)
    with pieces.group("all"):
        add_config(pieces, bytes(data))
    assert pieces.left == 0
    assert_covered(pieces.parts[0])
    assert sum(1 for _ in every(pieces.parts[0])) < 3000
