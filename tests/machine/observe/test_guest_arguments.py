"""Setups and how they are packed into one guest."""

import pytest

from qcompat.builds.facts import DeviceFact
from qcompat.guest.option import parse_fields
from qcompat.machine.observe.device_setup import device_setups, number_in
from qcompat.machine.observe.groups import LARGEST_GROUP, first_groups, values_by_type
from qcompat.machine.observe.guest_arguments import buses, guest_arguments

Q35, I440FX = "pc-q35-7.2", "pc-i440fx-7.2"
DEVICES = (
    DeviceFact("ide-hd", "IDE"),
    DeviceFact("ide-cd", "IDE"),
    DeviceFact("lsi53c895a", "PCI", "lsi"),
    DeviceFact("nvdimm"),
    DeviceFact("nvme", "PCI"),
    DeviceFact("nvme-ns", "nvme-bus"),
    DeviceFact("pcie-root-port", "PCI"),
    DeviceFact("pxb-cxl", "PCI"),
    DeviceFact("pxb-pcie", "PCI"),
    DeviceFact("qemu-xhci", "PCI"),
    DeviceFact("usb-kbd", "usb-bus"),
    DeviceFact("usb-storage", "usb-bus"),
    DeviceFact("vfio-pci", "PCI"),
    DeviceFact("Nehalem-x86_64-cpu"),
)


def packed(machine: str, *types: str) -> list[str]:
    made, _ = device_setups(machine, DEVICES)
    return guest_arguments(machine, [made[type_] for type_ in types], buses(DEVICES))


def devices(words: list[str]) -> list[dict[str, str]]:
    found = [words[at + 1] for at, word in enumerate(words) if word == "-device"]
    return [dict(parse_fields(text, "driver")) for text in found]


def test_what_cannot_be_made_says_why_and_cpus_are_not_made_here() -> None:
    made, skipped = device_setups(Q35, DEVICES)
    assert list(skipped) == ["vfio-pci"]
    assert set(made) == {d.type for d in DEVICES} - {"vfio-pci", "Nehalem-x86_64-cpu"}


def test_every_device_has_parents_and_backends_of_its_own() -> None:
    first, own, second, other = devices(packed(Q35, "usb-kbd", "usb-storage"))
    assert first["id"] != second["id"]
    assert (own["bus"], other["bus"]) == (f"{first['id']}.0", f"{second['id']}.0")
    assert number_in(other["drive"]) == number_in(other["id"]) == 11


def test_a_driver_of_the_same_name_as_a_parent_is_not_renamed() -> None:
    parent, space = devices(packed(Q35, "nvme-ns"))
    assert parent["driver"] == "nvme"
    assert space["bus"] == parent["id"] == "nvme-n5"


def test_pci_devices_share_slots_of_the_root_bus() -> None:
    words = packed(Q35, *["lsi53c895a"] * 9)
    places = [(d["bus"], d["addr"], d.get("multifunction")) for d in devices(words)]
    assert places[0] == ("pcie.0", "2.0", "on")
    assert places[1] == ("pcie.0", "2.1", None)
    assert places[8] == ("pcie.0", "3.0", "on")


@pytest.mark.parametrize(("machine", "bus"), [(Q35, "pcie.0"), (I440FX, "pci.0")])
def test_the_root_bus_is_named_so_that_an_expander_is_not_taken(machine: str, bus: str) -> None:
    assert devices(packed(machine, "lsi53c895a"))[0]["bus"] == bus


def test_numbers_that_must_differ_do() -> None:
    made = devices(packed(Q35, "pxb-pcie", "pxb-cxl", "pcie-root-port", "pcie-root-port"))
    assert [d["bus_nr"] for d in made if "bus_nr" in d] == ["128", "129"]
    assert [d["chassis"] for d in made if "chassis" in d] == ["1", "2"]


def test_ide_disks_go_round_the_buses() -> None:
    assert [d["bus"] for d in devices(packed(Q35, "ide-hd", "ide-cd"))] == ["ide.0", "ide.1"]


def test_what_devices_want_of_the_machine_is_joined() -> None:
    words = packed(Q35, "nvdimm", "pxb-cxl")
    machine = words[words.index("-machine") + 1]
    assert dict(parse_fields(machine, "type")) == {"type": Q35, "nvdimm": "on", "cxl": "on"}
    assert "slots=16,maxmem=8G" in words
    assert "slots=16,maxmem=8G" not in packed(Q35, "nvme")


def test_rivals_that_are_neighbours_are_dealt_to_different_groups() -> None:
    types = [f"t{n:03}" for n in range(2 * LARGEST_GROUP + 1)]
    groups = first_groups(types)
    assert [group[:1] for group in groups] == [("t000",), ("t001",), ("t002",)]
    assert sorted(t for group in groups for t in group) == types
    assert first_groups([]) == ()


def test_of_two_parents_the_plainest_speaks_for_the_child() -> None:
    seen = {
        "virtio-blk-pci-transitional": {
            "virtio-blk-pci-transitional": {"x": "1"},
            "virtio-blk-device": {"y": "of the other"},
        },
        "virtio-blk-pci": {"virtio-blk-pci": {"x": "2"}, "virtio-blk-device": {"y": "mine"}},
        "usb-storage": {"usb-storage": {}, "scsi-hd": {"z": "of the other"}},
        "scsi-hd": {"scsi-hd": {"z": "mine"}},
    }
    found = values_by_type(seen)
    assert found["virtio-blk-device"] == {"y": "mine"}
    assert found["scsi-hd"] == {"z": "mine"}
    assert found["virtio-blk-pci-transitional"] == {"x": "1"}


@pytest.mark.parametrize(
    ("machine", "memory"), [("pc-q35-7.2", "128"), ("pseries-7.2", "256"), ("virt-7.2", "128")]
)
def test_a_guest_has_the_memory_that_its_board_can_start_with(machine: str, memory: str) -> None:
    words = packed(machine)
    assert words[words.index("-m") + 1] == memory
