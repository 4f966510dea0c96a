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


@pytest.mark.parametrize(
    "front",
    [
        "sudo -E -u qemu /usr/libexec/qemu-kvm", "nice -n 5 taskset -c 0-3 kvm",
        "numactl --membind=0 --physcpubind=0-3 -- qemu-system-x86_64",
        "systemd-run --scope -p MemoryMax=4G /usr/bin/qemu-system-x86_64",
        "docker exec -it box qemu-system-x86_64", "/usr/bin/env -i A=b kvm", "gdb --args ./kvm",
        "ip netns exec blue kvm", "timeout 60 kvm",
    ],
)  # fmt: skip
def test_a_program_that_runs_the_emulator_is_no_argument(front: str) -> None:
    assert arguments_in([*front.split(), "-m", "1G"]) == ["-m", "1G"]


def test_another_program_in_front_stays() -> None:
    assert arguments_in(["virsh", "start", "kvm"]) == ["virsh", "start", "kvm"]
