"""Guests around one device."""

import pytest

from qcompat.builds.facts import DeviceFact
from qcompat.errors import GuestError
from qcompat.guest.guest import Guest
from qcompat.guest.single import Skipped, single_device

Q35, I440FX = "pc-q35-7.2", "pc-i440fx-7.2"


def made(machine: str, type_: str, bus: str = "") -> Guest:
    guest = single_device(machine, DeviceFact(type_, bus))
    assert isinstance(guest, Guest)
    return guest


def test_a_disk_gets_a_stand_in() -> None:
    assert made(Q35, "virtio-blk-pci", "PCI").arguments[1:] == (
        *(Q35, "-m", "128M", "-smp", "2", "-nodefaults"),
        *("-blockdev", "null-co,node-name=disk,size=1073741824,read-zeroes=on"),
        *("-device", "virtio-blk-pci,drive=disk"),
    )


def test_as_text_and_as_fact_it_is_the_same_guest() -> None:
    assert single_device(Q35, "usb-storage") == made(Q35, "usb-storage", "usb-bus")


def test_properties_of_the_user_come_before_those_of_the_recipe() -> None:
    guest = single_device(Q35, "nvme,serial=mine,max_ioqpairs=4")
    assert guest.arguments[-1] == "nvme,drive=disk,serial=mine,max_ioqpairs=4"


def test_a_type_that_no_recipe_knows_goes_to_the_bus_that_the_build_tells() -> None:
    assert "qemu-xhci,id=usb" in made(Q35, "future-usb-thing", "usb-bus").arguments


def test_a_floppy_needs_a_controller_on_q35_only() -> None:
    assert "isa-fdc,id=fdc" in made(Q35, "floppy").arguments
    assert "isa-fdc,id=fdc" not in made(I440FX, "floppy").arguments


def test_a_cpu_is_plugged_beside_one_of_its_own_model() -> None:
    guest = made(Q35, "Nehalem-x86_64-cpu")
    assert "Nehalem" in guest.arguments
    assert guest.arguments[-1].startswith("Nehalem-x86_64-cpu,socket-id=1")


@pytest.mark.parametrize(
    ("machine", "type_", "bus", "reason"),
    [
        (Q35, "vfio-pci", "PCI", "host device"),
        (Q35, "virtio-blk-device", "virtio-bus", "-pci type"),
        (I440FX, "pcie-root-port", "PCI", "PCI Express"),
        (Q35, "tpm-tis", "ISA", "TPM"),
        (Q35, "base-x86_64-cpu", "", "without a model"),
    ],
)
def test_what_cannot_be_made_says_why(machine: str, type_: str, bus: str, reason: str) -> None:
    skipped = single_device(machine, DeviceFact(type_, bus))
    assert isinstance(skipped, Skipped)
    assert skipped.type == type_
    assert reason in skipped.reason


def test_what_a_user_asks_for_in_vain_is_an_error_with_a_hint() -> None:
    with pytest.raises(GuestError, match="vhost-user") as caught:
        single_device(Q35, "vhost-user-blk-pci")
    assert "--" in caught.value.hint


def test_without_a_device_it_is_the_bare_board() -> None:
    assert single_device(Q35, None).arguments[1:] == (Q35, "-m", "128M", "-smp", "2", "-nodefaults")
