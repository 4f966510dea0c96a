"""Configuration space in sections, and the names of its registers."""

from __future__ import annotations

from itertools import pairwise

import pytest

from qcompat.stream.model import Section
from qcompat.stream.pci_registers import capabilities, name_of, register_of, registers
from tests.stream.conftest import RECORDINGS, recorded
from tests.stream.pci_config import PciConfig, pci_config

VIRTIO = "debian-10.0.13-pc-q35-5.2-virtio"


def config(name: str, idstr: str) -> PciConfig:
    section = next(each for each in recorded(name).sections if each.idstr == idstr)
    found = pci_config(section)
    assert found is not None
    return found


@pytest.mark.parametrize("name", RECORDINGS)
def test_each_pci_section_has_a_configuration_space(name: str) -> None:
    for section in recorded(name).sections:
        found = pci_config(section)
        if not section.idstr.startswith(("0000:", "pci@", "pci:")):
            assert found is None
        elif found is not None:
            assert len(found.data) in (256, 4096)
            assert section.payload[found.offset :].startswith(found.data)
            assert int.from_bytes(found.data[:2], "little") not in (0, 0xFFFF)


def test_a_function_behind_a_bridge_has_its_path_as_address() -> None:
    found = config(VIRTIO, "0000:00:09.0:00.0/e1000e")
    assert found.address == "0000:00:09.0:00.0"
    assert len(found.data) == 4096


def test_a_section_of_no_function_has_none() -> None:
    assert pci_config(Section("cpu", 0, 12, b"")) is None


def test_the_capabilities_of_a_root_port() -> None:
    found = capabilities(config(VIRTIO, "0000:00:09.0/pcie-root-port").data)
    assert [(each.name, each.offset, each.size) for each in found] == [
        ("PCIe", 0x54, 0x3C),
        ("MSI-X", 0x48, 12),
        ("SSVID", 0x40, 8),
        ("AER", 0x100, 0x48),
        ("ACS", 0x148, 8),
    ]


def test_the_capabilities_of_a_virtio_device_have_their_types() -> None:
    found = capabilities(config(VIRTIO, "0000:00:01.0/virtio-blk").data)
    assert [each.name for each in found] == [
        "MSI-X",
        "virtio access window",
        "virtio notifications",
        "virtio device configuration",
        "virtio interrupt status",
        "virtio common configuration",
    ]


@pytest.mark.parametrize(
    ("idstr", "offset", "name"),
    [
        ("0000:00:09.0:00.0/e1000e", 0x108, "AER uncorrectable error mask"),
        ("0000:00:09.0:00.0/e1000e", 0x10B, "AER uncorrectable error mask"),
        ("0000:00:09.0:00.0/e1000e", 0x14, "BAR 1"),
        ("0000:00:09.0:00.0/e1000e", 0xA3, "MSI-X message control"),
        ("0000:00:09.0:00.0/e1000e", 0xD2, "MSI message control"),
        ("0000:00:09.0:00.0/e1000e", 0xDC, "MSI message data"),
        ("0000:00:09.0:00.0/e1000e", 0x144, "DSN serial number"),
        ("0000:00:09.0/pcie-root-port", 0x19, "secondary bus"),
        ("0000:00:09.0/pcie-root-port", 0x14C, "ACS capabilities"),
        ("0000:00:09.0/pcie-root-port", 0x6E, "PCIe slot status"),
        ("0000:00:01.0/virtio-blk", 0x06, "status"),
        ("0000:00:01.0/virtio-blk", 0x44, "virtio common configuration BAR number"),
        ("0000:00:1f.0/ICH9LPC", 0x60, "register 0x060"),
        ("0000:00:01.0/virtio-blk", 0x46, "virtio common configuration + 0x6"),
    ],
)
def test_names_of_registers(idstr: str, offset: int, name: str) -> None:
    assert name_of(config(VIRTIO, idstr).data, offset) == name


@pytest.mark.parametrize("idstr", ["0000:00:09.0/pcie-root-port", "0000:00:1f.2/ich9_ahci"])
def test_registers_do_not_overlap(idstr: str) -> None:
    found = registers(config(VIRTIO, idstr).data)
    for one, following in pairwise(found):
        assert one.offset + one.size <= following.offset


def test_a_capability_list_that_runs_in_a_circle_ends() -> None:
    looped = bytearray(config(VIRTIO, "0000:00:01.0/virtio-blk").data)
    looped[0x99] = 0x98
    assert {each.offset for each in capabilities(bytes(looped))} == {0x98}
    assert register_of(bytes(looped), 0x9A).name == "MSI-X message control"


@pytest.mark.parametrize("length", [0, 1, 64, 255])
def test_too_short_a_configuration_space_has_no_capabilities(length: int) -> None:
    assert capabilities(b"\xff" * length) == ()
    assert name_of(b"\xff" * length, 0x10) == "BAR 0"
