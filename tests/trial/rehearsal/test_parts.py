"""The table of what a rehearsal cannot tell: complete rows, and which guest has which part."""

from __future__ import annotations

import re

import msgspec
import pytest

from qcompat.portrait.portrait import Device, Portrait
from qcompat.stream.model import Section
from qcompat.trial.rehearsal.parts import all_parts, is_left_out, parts_of


def test_every_row_says_where_it_is_read_and_how_a_guest_has_it() -> None:
    names = [part.name for part in all_parts()]
    assert len(set(names)) == len(names)
    for part in all_parts():
        assert part.means
        assert all(re.search(r"\.c\b", source) for source in part.source)
        assert part.sections or part.devices or part.arguments


@pytest.mark.parametrize(
    ("idstr", "left_out"),
    [
        ("kvm-tpr-opt", True),
        ("tpm-emulator", True),
        ("0000:00:05.0/vfio", True),
        ("0000:00:05.0/virtio-blk", False),
        ("cpu", False),
        ("0000:00:1f.0/ICH9LPC", False),
    ],
)
def test_what_other_processes_or_memory_hold_is_left_out(idstr: str, left_out: bool) -> None:
    assert is_left_out(idstr) is left_out


@pytest.mark.parametrize(
    ("idstr", "name", "is_named"),
    [
        ("0000:00:02.0/virtio-net", "virtio rings", True),
        ("/fe.0.0001/virtio-blk", "virtio rings", True),
        ("0000:00:02.0/xhci", "xHCI", False),
        ("0000:00:1f.2/ich9_ahci", "AHCI", False),
        ("xen_overlay", "Xen under KVM", True),
    ],
)
def test_a_section_of_the_guest_names_its_part(
    recorded: Portrait, idstr: str, name: str, is_named: bool
) -> None:
    assert recorded.stream is not None
    bare = msgspec.structs.replace(
        recorded,
        stream=msgspec.structs.replace(recorded.stream, sections=(Section(idstr, 0, 1, b""),)),
    )
    assert {part.name: part.is_named for part in parts_of(bare)}[name] is is_named


def test_a_device_and_a_back_end_name_their_parts(recorded: Portrait) -> None:
    before = {part.name for part in parts_of(recorded)}
    assert not before & {"IOMMU", "vhost-user", "Hyper-V interrupts"}
    iommu = Device("main-system-bus/intel-iommu", "intel-iommu", "", "", "", {})
    words = ("-cpu", "max,hv-synic=on", "-chardev", "socket,id=c,path=/qcompat/vhost-user")
    guest = msgspec.structs.replace(recorded.guest, arguments=(*recorded.guest.arguments, *words))
    other = msgspec.structs.replace(recorded, devices=(*recorded.devices, iommu), guest=guest)
    found = {part.name for part in parts_of(other)}
    assert found - before == {"IOMMU", "vhost-user", "Hyper-V interrupts"}
