"""What is plugged into a real QEMU is what another one has that gets it on its command line."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Mapping

import msgspec
import pytest

from qcompat.builds.build import Build
from qcompat.guest import command_line
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.portrait.twin.save import save
from qcompat.portrait.twin.start import Twin, receive, started
from qcompat.qemu.outcome import Outcome
from qcompat.trial.live.hotplug.kinds import NoPlace, Plug, offered
from qcompat.trial.live.hotplug.plugged import Plugged, plug, unplug

pytestmark = pytest.mark.lab
ROOM = "-m 256,slots=2,maxmem=1G -smp 1,maxcpus=2 -nodefaults -device virtio-scsi-pci,id=scsi0"
Q35 = f"-machine q35 {ROOM} -device pcie-root-port,id=rp1,chassis=1 -device qemu-xhci,id=usb0"
I440FX = f"-machine pc {ROOM} -device piix3-usb-uhci"
KINDS = ["PCI device", "USB device", "memory module", "processor", "SCSI disk"]


async def plugged_into(build: Build, guest: Guest) -> tuple[Plugged, Outcome]:
    """What was plugged, and how a second QEMU of the build loads the guest that has it."""
    twin = Twin(build, guest, "tcg")
    with tempfile.TemporaryFile() as file:
        async with started(twin) as (qemu, memory):
            options = command_line.read(guest.arguments)
            done = await plug(qemu, await offered(qemu, options, guest.machine))
            await save(qemu, memory, file)
        words = (*guest.arguments, *done.words)
        target = msgspec.structs.replace(guest, arguments=words)
        return done, await receive(msgspec.structs.replace(twin, guest=target), file)


@pytest.mark.parametrize("arguments", [Q35, I440FX])
async def test_every_kind_is_plugged_and_loaded(
    builds: Mapping[str, Build], arguments: str
) -> None:
    guest = parse(shlex.split(arguments))
    for build in builds.values():
        done, outcome = await plugged_into(build, guest)

        assert [each.kind for each in done.plugs] == KINDS, (build.name, done.lost)
        assert outcome.loads, (build.name, outcome, done.words)


async def test_what_has_no_place_says_what_would_give_it_one(newest: Build) -> None:
    guest = parse(shlex.split("-machine q35 -nodefaults"))
    async with started(Twin(newest, guest, "tcg")) as (qemu, _):
        found = await offered(qemu, command_line.read(guest.arguments), guest.machine)

    assert all(isinstance(each, NoPlace) for each in found)
    assert [each.kind for each in found] == KINDS
    hints = ("pcie-root-port", "qemu-xhci", "slots=2", "maxcpus=2", "virtio-scsi")
    for hint, each in zip(hints, found, strict=True):
        assert isinstance(each, NoPlace)
        assert hint in each.reason


async def test_a_refusal_is_told_in_the_words_of_qemu(newest: Build) -> None:
    guest = parse(shlex.split("-machine q35 -nodefaults"))
    tablet = Plug("USB device", (("driver", "usb-tablet"), ("id", "t")))
    async with started(Twin(newest, guest, "tcg")) as (qemu, _):
        done = await plug(qemu, [tablet])

    assert done.plugs == ()
    assert "No 'usb-bus' bus found" in done.lost[0].reason


async def test_a_device_that_the_guest_does_not_let_go_is_broken(newest: Build) -> None:
    """A paused guest lets go of nothing that its firmware or driver has to agree to."""
    guest = parse(shlex.split(Q35))
    async with started(Twin(newest, guest, "tcg")) as (qemu, _):
        offers = await offered(qemu, command_line.read(guest.arguments), guest.machine)
        done = await plug(qemu, [each for each in offers if each.kind == "processor"])
        (check,) = await unplug(qemu, done.plugs, 0.5)

    assert check.saw == "broken"
    assert "processor" in check.what
