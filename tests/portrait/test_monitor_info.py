from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.portrait.monitor_info import read_qtree, read_ramblock

RECORDINGS = Path(__file__).parents[1] / "data" / "monitor"


def _record(version: str) -> str:
    return (RECORDINGS / f"qtree-{version}.txt").read_text()


@pytest.mark.parametrize("version", ["5.2.0", "11.1.3"])
def test_every_device_of_a_recording_is_found_once(version: str) -> None:
    text = _record(version)
    devices = read_qtree(text)
    assert len(devices) == text.count("dev: ")
    assert len({device.path for device in devices}) == len(devices)


@pytest.mark.parametrize("version", ["5.2.0", "11.1.3"])
def test_properties_belong_to_their_device(version: str) -> None:
    devices = {device.type: device for device in read_qtree(_record(version))}
    assert devices["virtio-blk-pci"].address == "0000:00:01.0"
    assert devices["virtio-blk-pci"].properties["vectors"].startswith("3") or (
        devices["virtio-blk-pci"].properties["vectors"].startswith("2")
    )
    assert devices["virtio-blk-device"].properties["logical_block_size"] == "512 (512 B)"
    assert devices["virtio-blk-device"].address == ""
    assert devices["hpet"].properties["msi"] == "false"


def test_a_device_behind_a_bridge_has_the_path_of_its_sections() -> None:
    text = """bus: main-system-bus
  type System
  dev: q35-pcihost, id ""
    bus: pcie.0
      type PCIE
      dev: pcie-root-port, id "rp"
        addr = 02.0
        bus: rp
          type PCIE
          dev: e1000e, id ""
            addr = 00.0
"""
    assert [device.address for device in read_qtree(text)] == [
        "",
        "0000:00:02.0",
        "0000:00:02.0:00.0",
    ]


def test_two_devices_of_a_type_are_told_apart() -> None:
    text = 'bus: main-system-bus\n  type System\n  dev: a, id ""\n  dev: a, id ""\n'
    assert [device.path for device in read_qtree(text)] == [
        "main-system-bus/a",
        "main-system-bus/a[1]",
    ]


def test_nothing_is_no_device() -> None:
    assert read_qtree("") == ()


@pytest.mark.parametrize("version", ["5.2.0", "11.1.3"])
def test_used_and_maximum_are_told_apart(version: str) -> None:
    text = (RECORDINGS / f"ramblock-{version}.txt").read_text()
    blocks = {block.name: block for block in read_ramblock(text)}
    assert len(blocks) == len(text.splitlines()) - 1
    assert blocks["pc.ram"].used == blocks["pc.ram"].maximum == 128 << 20
    tables = blocks["/rom@etc/acpi/tables"]
    assert (tables.used, tables.maximum, tables.page_size) == (0x20000, 0x200000, 4096)
