"""Guests made here start on real builds."""

import shlex
from collections.abc import Mapping, Sequence

import pytest

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.run.command import command
from qcompat.errors import LaunchError
from qcompat.guest.arguments import parse
from qcompat.guest.single import Skipped, single_device
from qcompat.guest.startable import without_taps
from qcompat.guest.whole import whole_guests
from qcompat.portrait.portrait import Accel
from qcompat.qemu.launch import launch

pytestmark = pytest.mark.lab
Q35 = "pc-q35-5.2"
DEVICES = shlex.split(
    "Nehalem-x86_64-cpu floppy hda-duplex nvdimm nvme sd-card scsi-hd usb-ccid usb-storage"
    " virtio-9p-pci virtio-blk-pci virtio-crypto-pci virtio-net-pci virtio-pmem-pci"
    " virtserialport xio3130-downstream"
)
SHORT_FORMS = shlex.split(
    "-M pc-i440fx-5.2 -hda a.qcow2 -hdb b.raw -fda c.img -drive file=d,if=virtio -net nic -net tap"
    " -nic user -no-acpi -no-hpet -boot order=c,once=d,menu=on -nographic -soundhw ac97,hda"
    " -usbdevice tablet -usbdevice keyboard -watchdog i6300esb -serial stdio -debugcon stdio"
    " -virtfs local,path=e,mount_tag=f,security_model=none -fw_cfg name=opt/g,file=h"
    " -smbios type=11,value=i,value=j -vga std -win2k-hack -no-fd-bootchk"
    " -global PIIX4_PM.disable_s3=1 -rtc base=localtime,clock=vm -uuid"
    " 7f0c3a58-6e2e-4b0e-9b3c-2f3f7d1d9a11 -device virtio-net-pci,netdev=k -netdev tap,id=k"
)


async def refusal(build: Build, accel: Accel, arguments: Sequence[str]) -> str:
    """What the build says against a guest; empty where it starts."""
    try:
        async with launch(command(build), ["-accel", accel, *arguments]):
            return ""
    except LaunchError as error:
        return f"{build.name}: {error.message} {error.log}"


@pytest.mark.parametrize("device", DEVICES)
async def test_a_guest_around_a_device_starts_on_every_build(
    builds: Mapping[str, Build], accel: Accel, device: str
) -> None:
    guest = single_device(Q35, device)
    said = [await refusal(build, accel, guest.arguments) for build in builds.values()]
    assert said == [""] * len(builds)


async def test_whole_guests_start_on_every_build(builds: Mapping[str, Build], accel: Accel) -> None:
    for machine in (Q35, "pc-i440fx-5.2"):
        for guest in whole_guests(machine).values():
            said = [await refusal(build, accel, guest.arguments) for build in builds.values()]
            assert said == [""] * len(builds)


async def test_short_forms_start_on_every_build(builds: Mapping[str, Build], accel: Accel) -> None:
    guest = without_taps(parse(SHORT_FORMS))
    said = [await refusal(build, accel, guest.arguments) for build in builds.values()]
    assert said == [""] * len(builds)


async def test_of_all_devices_nearly_all_start(
    newest: Build, newest_facts: BuildFacts, accel: Accel
) -> None:
    made = {
        device.type: guest
        for device in newest_facts.devices
        if not device.type.endswith("-x86_64-cpu")
        and not isinstance(guest := single_device(Q35, device), Skipped)
    }
    said = {type_: await refusal(newest, accel, guest.arguments) for type_, guest in made.items()}
    refused = {type_: words for type_, words in said.items() if words}
    assert len(refused) <= 0.02 * len(made), refused
