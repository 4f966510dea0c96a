"""A guest that no build can make is told as a mistake, with what may have been meant."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from qcompat.app.impossible_guest import refuse_impossible_guest
from qcompat.errors import GuestError
from qcompat.guest.guest import Guest
from qcompat.portrait.file import read_portrait
from qcompat.portrait.portrait import Portrait, Refusal
from qcompat.verdict.judge import judge

PORTRAITS = Path(__file__).parents[1] / "data" / "portraits"


@pytest.fixture
def accepted() -> Portrait:
    return read_portrait(PORTRAITS / "debian-10.0.13-pc-q35-10.0-virtio-blk-pci.qcp")


def refusing(portrait: Portrait, message: str, *arguments: str, machine: str = "q35") -> Portrait:
    return msgspec.structs.replace(
        portrait, guest=Guest(machine, arguments), refusal=Refusal("start", message)
    )


def test_accepted_guest_passes(accepted: Portrait) -> None:
    refuse_impossible_guest(accepted, accepted)


def test_guest_that_one_build_accepts_passes(accepted: Portrait) -> None:
    refuse_impossible_guest(accepted, refusing(accepted, "no"))


def test_guest_that_cannot_be_saved_passes(accepted: Portrait) -> None:
    unsaved = msgspec.structs.replace(accepted, refusal=Refusal("save", "is not migratable"))
    refuse_impossible_guest(unsaved, unsaved)


def test_qemu_s_complaint_is_told_once(accepted: Portrait) -> None:
    refused = refusing(accepted, "Property 'e1000.foo' not found\nTry something else")
    with pytest.raises(GuestError) as caught:
        refuse_impossible_guest(refused, refused)
    assert caught.value.message.count("Property 'e1000.foo' not found") == 1
    assert "Try" not in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("complaint", "hint"),
    [
        ("-device e1000,foo=1: Property 'e1000.foo' not found", "`-device e1000,help`"),
        ("-device virtio-blk-pci: drive property not set", "`-device virtio-blk-pci,help`"),
        ("can't apply global: Property 'sb16.x' not found", "`-device sb16,help`"),
        ("unable to find CPU model 'EPYC-Foo'", "`-cpu help`"),
        ("Invalid SMP CPUs 600. The max CPUs supported by machine 'q35' is 288", "`-machine help`"),
        ("Please use foo=on instead", "correct what QEMU complains of"),
    ],
)
def test_hint_fits_the_complaint(accepted: Portrait, complaint: str, hint: str) -> None:
    refused = refusing(accepted, complaint)
    with pytest.raises(GuestError) as caught:
        refuse_impossible_guest(refused)
    assert hint in caught.value.hint
    assert ("help" in caught.value.hint) == ("help" in hint)


def test_portrait_refused_for_what_its_machine_lacked_is_no_impossible_guest(
    accepted: Portrait,
) -> None:
    refused = refusing(accepted, "could not load PC BIOS 'bios-256k.bin'")
    refuse_impossible_guest(refused, refused)
    verdict = judge(accepted, refused)
    assert (verdict.forward.verdict, verdict.back.verdict) == ("unknown", "unknown")


def test_misspelt_device_has_a_suggestion(accepted: Portrait) -> None:
    refused = refusing(accepted, "not a valid device", "-device", "virtio-blkpci,drive=disk")
    with pytest.raises(GuestError) as caught:
        refuse_impossible_guest(refused)
    assert "did you mean virtio-blk-pci" in caught.value.hint


def test_misspelt_machine_type_has_a_suggestion(accepted: Portrait) -> None:
    refused = refusing(accepted, "unsupported machine type", machine="pc-q35-10.00")
    with pytest.raises(GuestError) as caught:
        refuse_impossible_guest(refused)
    assert "did you mean pc-q35-10.0" in caught.value.hint


def test_silent_refusal_still_says_something(accepted: Portrait) -> None:
    with pytest.raises(GuestError, match="gave no reason"):
        refuse_impossible_guest(refusing(accepted, ""))


def test_a_machine_type_of_proxmox_is_called_that(accepted: Portrait) -> None:
    refused = refusing(accepted, "unsupported machine type", machine="pc-q35-9.2+pve1")
    with pytest.raises(GuestError) as caught:
        refuse_impossible_guest(refused)
    assert "a machine type of Proxmox VE, based on pc-q35-9.2" in caught.value.hint
    assert "--base-type" in caught.value.hint
    assert "did you mean" not in caught.value.hint


def test_where_no_portrait_could_be_taken_there_is_nothing_to_refuse() -> None:
    refuse_impossible_guest()
