from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.portrait.qtree import read_qtree

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
