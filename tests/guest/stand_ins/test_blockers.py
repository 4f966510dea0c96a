"""What bars a migration is told by the user's options, before a stand-in hides it."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.errors import CommandError
from qcompat.guest.arguments import parse
from qcompat.guest.given.forms.shell import split_words
from qcompat.guest.guest import Loss
from qcompat.portrait.portrait import Accel
from qcompat.qemu.launch import launch
from qcompat.qemu.migration import save

FORMATS = ("qcow", "vdi", "vmdk", "parallels", "vhdx", "vpc")
VERSIONS = ("5.2.0", "7.2.22", "10.0.13", "11.1.3")
LACKING = {("parallels", "5.2.0")}
"""Debian built this one without the driver."""


def losses(line: str) -> list[Loss]:
    """What the parts lose of which more is known than that they are left out."""
    uncovered = parse(split_words(line)).uncovered
    return [each.loses for each in uncovered if each.loses in ("migration", "condition")]


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(
    "line",
    [
        "-drive file=/d,format={},if=virtio",
        "-drive driver={},file.driver=file,file.filename=/d",
        "-blockdev {},node-name=n,file.driver=file,file.filename=/d",
        '-blockdev \'{{"driver":"raw","node-name":"n","file":{{"driver":"{}","file":"m"}}}}\'',
    ],
)
def test_formats_without_migration_bar_it_however_they_are_named(format_: str, line: str) -> None:
    assert losses(line.format(format_)) == ["migration"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-drive file=/d,format=qcow2", []),
        ("-drive file=/d.vmdk,format=raw", []),
        ("-hda /d.vmdk", ["condition"]),
        ("-drive file=fat:rw:/d,format=raw", ["migration"]),
        ("-drive file=fat:/d,format=raw", []),
        ("-blockdev vvfat,dir=/d,rw=on,node-name=n", ["migration"]),
        ("-device vhost-scsi-pci,wwpn=naa.5", ["migration"]),
        ("-device vhost-scsi-pci,wwpn=naa.5,migratable=on", []),
        ("-device virtio-vga-gl -display egl-headless", ["migration"]),
        ("-device virtio-gpu-rutabaga-pci", ["migration"]),
        ("-device virtio-vga -display gtk,gl=on", ["condition"]),
        ("-device virtio-vga -display gtk", []),
        ("-device VGA -display gtk,gl=on", []),
        ("-device virtio-gpu-pci -spice port=1,gl=on", ["condition"]),
        ("-virtfs local,path=/d,mount_tag=t,security_model=none", ["condition"]),
        ("-device virtio-9p-pci,fsdev=f,mount_tag=t -fsdev local,id=f,path=/d", ["condition"]),
        ("-device vhost-vdpa-device-pci,vhostdev=/dev/vhost-vdpa-0", ["migration"]),
        ("-device usb-mtp,rootdir=/d", ["migration"]),
        ("-object sev-guest,id=s,cbitpos=47,reduced-phys-bits=1", ["migration"]),
        ("-netdev vhost-user,id=n,chardev=c -chardev socket,id=c,path=/s", ["condition"]),
        ("-cpu host,hv_passthrough", ["condition"]),
        ("-cpu EPYC,hv-no-nonarch-coresharing=auto", ["condition"]),
        ("-cpu EPYC,+invtsc", ["condition"]),
        ("-cpu EPYC,+invtsc,tsc-frequency=2000000000", []),
        ("-cpu EPYC,-invtsc", []),
        ("-cpu Skylake-Client,hv-reenlightenment", ["condition"]),
        ("-cpu Skylake-Client,hv-reenlightenment=on,tsc-frequency=3000000000", []),
        ("-cpu Skylake-Client,vmx=on", ["condition"]),
        ("-cpu Skylake-Client", []),
    ],
)
def test_blockers_are_known_by_the_options_that_set_them(line: str, expected: list[str]) -> None:
    assert losses(line) == expected


async def refused(build: Build, accel: Accel, arguments: list[str], place: Path) -> str:
    """The words with which the build refuses to migrate; empty where it does not."""
    prefix = command(build, writable=[place])
    async with launch(prefix, ["-accel", accel, "-nodefaults", *arguments]) as qemu:
        try:
            await save(qemu, io.BytesIO())
        except CommandError as error:
            return error.message
    return ""


@pytest.mark.lab
@pytest.mark.parametrize(
    ("format_", "version"), [pair for pair in product(FORMATS, VERSIONS) if pair not in LACKING]
)
async def test_real_builds_refuse_what_the_table_says(
    builds: Mapping[str, Build], accel: Accel, tmp_path: Path, version: str, format_: str
) -> None:
    image = tmp_path / "disk"
    subprocess.run(["qemu-img", "create", "-q", "-f", format_, image, "8M"], check=True)
    drive = ["-drive", f"file={image},format={format_},if=none"]
    said = await refused(builds[version], accel, drive, tmp_path)
    assert "does not support live migration" in said


@pytest.mark.lab
@pytest.mark.parametrize("version", VERSIONS)
async def test_real_builds_migrate_other_formats(
    builds: Mapping[str, Build], accel: Accel, tmp_path: Path, version: str
) -> None:
    image = tmp_path / "disk"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", image, "8M"], check=True)
    drive = ["-drive", f"file={image},format=qcow2,if=none"]
    assert await refused(builds[version], accel, drive, tmp_path) == ""
