"""A configuration file makes on real builds what qcompat reads out of it."""

import os
import re
from collections.abc import Mapping

import pytest

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.errors import GuestError, LaunchError
from qcompat.guest import command_line
from qcompat.guest.arguments import guest_from
from qcompat.guest.configuration import arguments_of
from qcompat.portrait.portrait import Accel
from qcompat.qemu.launch import launch

pytestmark = pytest.mark.lab
REFUSED = "refused"
ALIKE = {
    "sections": '[machine]\ntype = "pc-q35-5.2"\nusb = "off"\n\n# x\n[memory]\nsize = "96M"\n'
    '[smp-opts]\ncpus = "2"\n[boot-opts]\nmenu = "on"\n[device "p"]\n  driver = "pcie-root-port"\n'
    '[device "b"]\n  driver = "virtio-balloon-pci"\n  bus = "p"\n'
    '[global]\ndriver = "virtio-balloon-pci"\nproperty = "deflate-on-oom"\nvalue = "on"\n',
    "backends": '[chardev "c"]\nbackend = "null"\n[device "s"]\ndriver = "isa-serial"\n'
    'chardev = "c"\n[object "r"]\nqom-type = "rng-builtin"\n[device "v"]\n'
    'driver = "virtio-rng-pci"\nrng = "r"\n',
    "ignored sections": '[smbios]\nfile = "/no/such"\n[option-rom]\nromfile = "/no/such"\n'
    '[acpi]\nfile = "/no/such"\n[overcommit]\nmem-lock = "off"\n',
    "behind a value": '[device "b"]\ndriver ="virtio-balloon-pci"junk\n',
    "twice in a section": '[device "b"]\ndriver = "VGA"\ndriver = "virtio-balloon-pci"\n',
    "one id twice": '[device "b"]\ndriver = "VGA"\n[device "b"]\ndriver = "VGA"\n',
    "no section": 'driver = "VGA"\n',
    "unknown section": "[devices]\n",
    "spaces": "[machine]\n  \n",
    "indented comment": "[machine]\n  # x\n",
    "no quotes": "[machine]\nusb = off\n",
    "a key against its sign": '[machine]\nusb= "off"\n',
}
"""What builds and qcompat take alike, or refuse alike."""


async def tree(build: Build, accel: Accel, arguments: list[str], inherit: tuple[int, ...]) -> str:
    """Devices and memory of the guest, without addresses of the QEMU itself."""
    words = ["-accel", accel, "-nodefaults", *arguments]
    try:
        async with launch(command(build), words, inherit=inherit) as qemu:
            shown = await qemu.monitor("info qtree")
            memory = await qemu.monitor("info ramblock")
    except LaunchError:
        return REFUSED
    return re.sub(r"0x0000[1-9a-f][0-9a-f]{11}", "", shown + memory)


def as_read(text: str) -> list[str] | None:
    try:
        words = arguments_of(text, "guest.conf")
        return list(guest_from(command_line.read(words), words).arguments)
    except GuestError:
        return None


async def of_file(build: Build, accel: Accel, text: str) -> str:
    """What the build itself makes of a file, which it inherits."""
    reader, writer = os.pipe()
    try:
        os.write(writer, text.encode())
        os.close(writer)
        return await tree(build, accel, ["-readconfig", f"/dev/fd/{reader}"], (reader,))
    finally:
        os.close(reader)


@pytest.mark.parametrize("text", ALIKE.values(), ids=ALIKE.keys())
async def test_builds_make_of_a_file_what_is_read_here(
    builds: Mapping[str, Build], accel: Accel, text: str
) -> None:
    for version in ("5.2.0", "7.2.22", "11.1.3"):
        build = builds[version]
        arguments = as_read(text)
        ours = await tree(build, accel, arguments, ()) if arguments is not None else REFUSED
        assert ours == await of_file(build, accel, text), version
