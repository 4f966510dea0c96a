"""From `info qtree` back to the types that were asked for."""

import pytest

from qcompat.builds.facts import DeviceFact
from qcompat.machine.observe.device_setup import DeviceSetup, device_setups
from qcompat.machine.observe.qtree import read_defaults, read_devices

QTREE = """\
bus: main-system-bus
  type System
  dev: q35-pcihost, id ""
    x-pci-hole64-fix = true
    bus: pcie.0
      type PCIE
      dev: virtio-blk-pci, id "dut-n0"
        vectors = 3 (0x3)
        addr = 02.0
        bus: virtio-bus
          type virtio-pci-bus
          dev: virtio-blk-device, id ""
            drive = "disk-n0"
            num-queues = 2 (0x2)
      dev: qemu-xhci, id "usb-n1"
        addr = 02.1
        bus: usb-n1.0
          type usb-bus
          dev: usb-kbd, id "dut-n1"
            usb_version = 2 (0x2)
      dev: ICH9-LPC, id ""
        noreboot = true
"""


@pytest.fixture
def made() -> dict[str, DeviceSetup]:
    kinds = (DeviceFact("virtio-blk-pci", "PCI"), DeviceFact("usb-kbd", "usb-bus"))
    return dict(device_setups("pc-q35-7.2", (*kinds, DeviceFact("vmgenid")))[0])


def test_a_device_is_found_with_those_that_it_brings(made: dict[str, DeviceSetup]) -> None:
    assert read_devices(QTREE, [made["virtio-blk-pci"]]) == {
        "virtio-blk-pci": {
            "virtio-blk-pci": {"vectors": "3"},
            "virtio-blk-device": {"num-queues": "2"},
        }
    }


def test_parents_that_an_island_needs_are_not_answers(made: dict[str, DeviceSetup]) -> None:
    found = read_devices(QTREE, made.values())
    assert found["usb-kbd"] == {"usb-kbd": {"usb_version": "2"}}


def test_what_is_on_no_bus_is_not_found(made: dict[str, DeviceSetup]) -> None:
    assert "vmgenid" not in read_devices(QTREE, made.values())


def test_of_the_board_the_first_of_each_type_counts() -> None:
    assert read_defaults(QTREE)["ICH9-LPC"] == {"noreboot": "on"}
