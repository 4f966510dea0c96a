"""The guest that is booted is the user's; what cannot be is listed."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import pytest

from qcompat.guest import command_line
from qcompat.guest.arguments import parse, words_of
from qcompat.portrait.portrait import Accel
from qcompat.trial.live.disks import Disks
from qcompat.trial.live.guest import LiveGuest, SerialPort, find_serial_port, live_guest


@pytest.fixture
def disks() -> Iterator[Disks]:
    disks = Disks()
    yield disks
    disks.close()


def started(arguments: str, disks: Disks, accel: Accel = "tcg") -> LiveGuest:
    return live_guest(parse(shlex.split(arguments)), accel, disks)


def test_devices_stay_as_they_are(disks: Disks) -> None:
    given = "-device virtio-net-pci,netdev=n,mac=52:54:00:00:00:01 -netdev user,id=n"
    words = started(given, disks).arguments

    assert "virtio-net-pci,netdev=n,mac=52:54:00:00:00:01" in words


def test_every_disk_is_a_file_in_memory_of_the_same_size(disks: Disks) -> None:
    given = (
        "-drive if=none,id=a,file=/a,format=raw,size=3M -blockdev raw,node-name=b,"
        "file.driver=file,file.filename=/b,size=2M -device ide-hd,drive=a -device scsi-hd,drive=b"
    )
    text = " ".join(started(given, disks).arguments)

    assert set(disks.sums) == {"a", "b"}
    assert disks.sums["a"] != disks.sums["b"]
    assert "null-co" not in text
    assert text.count("/dev/fdset/") == 2


def test_the_host_processor_is_max_without_kvm_and_listed(disks: Disks) -> None:
    by_tcg = started("-cpu host,-vmx", disks)
    by_kvm = started("-cpu host,-vmx", disks, "kvm")

    assert "max,-vmx" in by_tcg.arguments
    assert any("host" in each.subject for each in by_tcg.uncovered)
    assert "host,-vmx" in by_kvm.arguments


def test_firmware_in_flash_is_left_out_and_listed(disks: Disks) -> None:
    guest = started("-drive if=pflash,unit=0,file=/OVMF.fd,format=raw -machine q35", disks)

    assert not any("pflash" in word for word in guest.arguments)
    assert any("SeaBIOS" in each.reason for each in guest.uncovered)


def test_a_device_that_a_kernel_would_wait_for_is_left_out_and_listed(disks: Disks) -> None:
    guest = started("-chardev null,id=c -device vhost-user-blk-pci,chardev=c", disks)

    assert not any("vhost-user-blk" in word for word in guest.arguments)
    assert any("would wait" in each.reason for each in guest.uncovered)


def test_nothing_comes_before_the_kernel_in_the_order_of_boot(disks: Disks) -> None:
    words = started("-device virtio-rng-pci,bootindex=0", disks).arguments

    assert "virtio-rng-pci" in words


def serial_port_of(arguments: str) -> SerialPort:
    return find_serial_port(command_line.read(parse(shlex.split(arguments)).arguments))


@pytest.mark.parametrize(
    ("arguments", "port", "adds"),
    [
        ("-machine q35", "ttyS0", False),  # QEMU's own default port
        ("-machine q35 -nodefaults", "ttyS0", True),
        ("-machine q35 -serial none", "ttyS0", True),
        ("-machine q35 -serial pty", "ttyS0", False),
        ("-machine q35 -serial none -serial pty", "ttyS1", False),
        ("-nodefaults -chardev pty,id=c -device isa-serial,chardev=c,index=1", "ttyS1", False),
        ("-nodefaults -chardev pty,id=c -serial chardev:c", "ttyS0", False),
    ],
)
def test_the_guests_own_port_is_used(arguments: str, port: str, adds: bool) -> None:
    serial = serial_port_of(arguments)

    assert serial.port == port
    assert bool(serial.uncovered) is adds


def test_a_device_stays_as_it_is_and_only_its_far_end_is_ours() -> None:
    arguments = "-nodefaults -chardev pty,id=c -device isa-serial,chardev=c,id=s"
    serial = serial_port_of(arguments)
    words = words_of(serial.options)

    assert serial.chardev == "c"
    assert "isa-serial,chardev=c,id=s" in words
    assert "-chardev" not in words  # QEMU is given the socket of that name
