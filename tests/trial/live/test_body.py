"""The guest that is booted is the user's; what cannot be, is said."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import pytest

from qcompat.guest.arguments import parse
from qcompat.portrait.portrait import Accel
from qcompat.trial.live.body import Body, make_body
from qcompat.trial.live.disks import Disks


@pytest.fixture
def disks() -> Iterator[Disks]:
    disks = Disks()
    yield disks
    disks.close()


def body_of(arguments: str, disks: Disks, accel: Accel = "tcg") -> Body:
    return make_body(parse(shlex.split(arguments)), accel, disks)


def test_devices_stay_as_they_are(disks: Disks) -> None:
    given = "-device virtio-net-pci,netdev=n,mac=52:54:00:00:00:01 -netdev user,id=n"
    words = body_of(given, disks).arguments

    assert "virtio-net-pci,netdev=n,mac=52:54:00:00:00:01" in words


def test_every_disk_is_a_file_in_memory_of_the_same_size(disks: Disks) -> None:
    given = (
        "-drive if=none,id=a,file=/a,format=raw,size=3M -blockdev raw,node-name=b,"
        "file.driver=file,file.filename=/b,size=2M -device ide-hd,drive=a -device scsi-hd,drive=b"
    )
    text = " ".join(body_of(given, disks).arguments)

    assert set(disks.sums) == {"a", "b"}
    assert disks.sums["a"] != disks.sums["b"]
    assert "null-co" not in text
    assert text.count("/dev/fdset/") == 2


def test_the_host_processor_is_max_without_kvm_and_that_is_said(disks: Disks) -> None:
    by_tcg = body_of("-cpu host,-vmx", disks)
    by_kvm = body_of("-cpu host,-vmx", disks, "kvm")

    assert "max,-vmx" in by_tcg.arguments
    assert any("host" in each.subject for each in by_tcg.uncovered)
    assert "host,-vmx" in by_kvm.arguments


def test_firmware_in_flash_is_left_out_and_that_is_said(disks: Disks) -> None:
    body = body_of("-drive if=pflash,unit=0,file=/OVMF.fd,format=raw -machine q35", disks)

    assert not any("pflash" in word for word in body.arguments)
    assert any("SeaBIOS" in each.reason for each in body.uncovered)


def test_nothing_comes_before_the_kernel_in_the_order_of_boot(disks: Disks) -> None:
    words = body_of("-device virtio-rng-pci,bootindex=0", disks).arguments

    assert "virtio-rng-pci" in words
