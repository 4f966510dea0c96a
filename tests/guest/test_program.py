import pytest

from qcompat.guest.program import arguments_in, is_emulator


@pytest.mark.parametrize(
    "name",
    [
        "qemu-system-x86_64", "/usr/bin/qemu-system-s390x", "/usr/libexec/qemu-kvm", "kvm", "qemu",
        "kvm-spice", ".qemu-system-x86_64-wrapped", "./qemu-system-x86_64-9.2", "x-qemu-kvm.real",
    ],
)  # fmt: skip
def test_emulators(name: str) -> None:
    assert is_emulator(name)


@pytest.mark.parametrize(
    "name",
    ["qemu-img", "/srv/kvm-disk", "qemu.qcow2", "qemu-x86_64", "virsh", "", "-m", "guest.xml"],
)
def test_what_is_no_emulator(name: str) -> None:
    assert not is_emulator(name)


@pytest.mark.parametrize(
    "front",
    ["", "kvm", "LC_ALL=C PATH=/bin /usr/bin/kvm", "sudo env A=b kvm", "QEMU_AUDIO_DRV=none"],
)
def test_what_stands_in_front_is_no_argument(front: str) -> None:
    assert arguments_in([*front.split(), "-m", "1G"]) == ["-m", "1G"]


def test_another_program_in_front_stays() -> None:
    assert arguments_in(["virsh", "start", "kvm"]) == ["virsh", "start", "kvm"]
