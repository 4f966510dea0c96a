from __future__ import annotations

import pytest

from qcompat.trial.matrix.question.packed_guest import PackedGuest, own_guest
from qcompat.trial.matrix.question.spec import MatrixSpec


def all_packed(spec: MatrixSpec) -> PackedGuest:
    return spec.pack([entry for entry in spec.entries if entry.setup])


def place_of(packed: PackedGuest, name: str) -> str:
    return next(w for w, owners in packed.owners.items() if owners == (name,) and w[2:3] == ".")


@pytest.mark.parametrize("name", ["e1000", "virtio-rng-pci", "pvscsi", "edu"])
def test_a_place_on_the_bus_names_the_device_there(whole_spec: MatrixSpec, name: str) -> None:
    packed = all_packed(whole_spec)
    message = (
        f"error while loading state for instance 0x0 of device '0000:00:{place_of(packed, name)}/x'"
    )
    assert packed.named_in(message) == (name,)


def test_what_sits_behind_a_parent_is_named_by_its_place(whole_spec: MatrixSpec) -> None:
    packed = all_packed(whole_spec)
    message = f"non-migratable device '0000:00:{place_of(packed, 'usb-kbd')}/1/usb-kbd'"
    assert packed.named_in(message) == ("usb-kbd",)


def test_a_device_on_no_pci_bus_is_named_by_its_state(whole_spec: MatrixSpec) -> None:
    packed = all_packed(whole_spec)
    assert packed.named_in("State blocked by non-migratable device 'isa-debugcon'") == (
        "isa-debugcon",
    )


def test_a_message_about_nobody_names_nobody(whole_spec: MatrixSpec) -> None:
    packed = all_packed(whole_spec)
    assert packed.named_in("load of migration failed: Invalid argument") == ()
    assert packed.named_in("device '0000:00:1f.2/ich9_ahci'") == ()


def test_every_device_of_a_lot_has_a_place_of_its_own(whole_spec: MatrixSpec) -> None:
    words = all_packed(whole_spec).guest.arguments
    places = [word.partition("addr=")[2].partition(",")[0] for word in words if "addr=" in word]
    assert len(places) == len(set(places)) == 7


def test_alone_the_guest_is_the_entrys_own(whole_spec: MatrixSpec) -> None:
    entry = whole_spec.entries[0]
    assert own_guest(entry).guest == entry.guest
    assert own_guest(entry).alone
