"""Versions in RPM's order, and which packages make a build."""

from __future__ import annotations

import pytest

from qcompat.builds.fetch.rpm.choose import choose, order
from qcompat.builds.fetch.rpm.metadata import Listed
from qcompat.errors import FetchError


def listed(name: str, *requires: str, provides: tuple[str, ...] = (), version: str = "1") -> Listed:
    return Listed(name, ("0", version, "1"), "", 0, "", "", provides, requires)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (("0", "1.0", "1"), ("0", "1.0", "2")),
        (("0", "1.9", "1"), ("0", "1.10", "1")),
        (("0", "9.0", "1"), ("1", "1.0", "1")),
        (("0", "1.0~rc1", "1"), ("0", "1.0", "1")),
        (("0", "1.0", "1"), ("0", "1.0^git1", "1")),
        (("0", "1.0^git1", "1"), ("0", "1.0.1", "1")),
        (("0", "1.0a", "1"), ("0", "1.0.1", "1")),
        (("0", "1.0", "1.el9"), ("0", "1.0", "1.el9_4")),
    ],
)
def test_versions_are_in_rpms_order(
    older: tuple[str, str, str], newer: tuple[str, str, str]
) -> None:
    assert order(older) < order(newer)


def test_emulator_takes_its_libraries_and_what_is_of_qemu() -> None:
    packages = [
        listed("qemu-kvm-core", "libaio.so.1()(64bit)", "seabios-bin", "systemd"),
        listed("libaio", "libc.so.6()(64bit)", "bash", provides=("libaio.so.1()(64bit)",)),
        listed("glibc", provides=("libc.so.6()(64bit)",)),
        listed("glibc-variant", provides=("libc.so.6()(64bit)",)),
        *(listed("seabios-bin"), listed("systemd"), listed("bash"), listed("other")),
        listed("qemu-kvm-device-display-virtio-gpu", "libdrm.so.2()(64bit)"),
    ]
    assert [each.name for each in choose(packages)] == [
        *("glibc", "libaio", "qemu-kvm-core", "qemu-kvm-device-display-virtio-gpu", "seabios-bin")
    ]


def test_newest_of_a_name_is_taken() -> None:
    old, new = listed("qemu-x86", version="9.9"), listed("qemu-x86", version="10.0")
    assert choose([new, old]) == choose([old, new]) == (new,)


def test_repository_without_an_emulator_is_told() -> None:
    with pytest.raises(FetchError, match="holds no QEMU"):
        choose([listed("bash")])
