"""A real guest that boots, works, migrates over real builds, and tells what it found."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from qcompat.arch.architecture import usual
from qcompat.builds.build import Build
from qcompat.errors import FetchError
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.linux.kernel import Kernel, obtain_kernel
from qcompat.qemu.process import Qemu
from qcompat.trial.live.disks import Disks
from qcompat.trial.live.launch import SharedFiles
from qcompat.trial.live.run import run_live
from qcompat.trial.stop import Stop
from qcompat.trial.trial import Check, Hop, Trial, Variant
from qcompat.trial.wire.migrate import Transfer, migrate

pytestmark = pytest.mark.lab
GUEST = (
    "-machine pc-q35-7.2 -cpu Nehalem -m 256 -nodefaults -serial none -serial pty"
    " -drive id=d,if=none,format=raw,file=/nowhere,size=64M -netdev user,id=n"
    " -device virtio-blk-pci,drive=d{disk} -device virtio-net-pci,netdev=n -device virtio-rng-pci"
)
PLUGGED = ("hot-plugged", "unplugging the")
MARK = b"qcompat kept\n"
"""How the memory begins that the agent keeps (`agent.sh`, `fill`)."""


@pytest.fixture(scope="module", autouse=True)
def kernel() -> None:
    try:
        obtain_kernel(usual())
    except FetchError as error:
        pytest.skip(error.message)


def guest(disk: str = "") -> Guest:
    return parse(shlex.split(GUEST.format(disk=disk)))


def stops(builds: Mapping[str, Build], way: str, **guests: Guest) -> list[Stop]:
    """`7.2.22 10.0.2!`: the guest is reset where there is a mark."""
    names = way.split()
    if missing := [name for name in names if name.strip("!") not in builds]:
        pytest.skip(f"no build {' or '.join(missing)} is registered")
    return [
        Stop(builds[name.strip("!")], guests.get("last", guest()) if at else guest(), "!" in name)
        for at, name in enumerate(names)
    ]


async def go(where: list[Stop], variant: Variant = "precopy") -> Trial:
    return await run_live(where, variant=variant, accel="tcg", timeout=120)


def unequal(hop: Hop) -> dict[str, Check]:
    return {check.what: check for check in hop.checks if check.saw != "same"}


async def test_a_guest_that_works_goes_over_three_builds_and_back(
    builds: Mapping[str, Build],
) -> None:
    trial = await go(stops(builds, "7.2.22 10.0.2 11.1.3 7.2.22"))

    assert trial.succeeds, trial.hops
    assert [hop.answer for hop in trial.hops] == ["ok", "ok", "ok"], trial.hops
    assert all(hop.downtime is not None and hop.total is not None for hop in trial.hops)
    checked = {check.what for check in trial.hops[-1].checks}
    assert {"heartbeat", "memory pattern", "disk reads (vda)", "network (eth0)"} <= checked
    assert {"PCI configuration", "CPUID", "ACPI tables", "DMI tables"} <= checked


async def test_a_disk_in_use_is_refused_where_its_queues_are_too_large(
    builds: Mapping[str, Build],
) -> None:
    trial = await go(stops(builds, "10.0.13 11.1.3"))

    (hop,) = trial.hops
    assert hop.outcome.kind == "refused"
    assert "vring.num 1024 exceeds allocated max 256" in hop.outcome.message
    assert "vring.num" in hop.target_log


async def test_after_a_reset_the_guest_finds_the_targets_tables(
    builds: Mapping[str, Build],
) -> None:
    trial = await go(stops(builds, "7.2.22 11.1.3!"), "postcopy")

    (hop,) = trial.hops
    assert hop.was_reset
    assert hop.answer == "drift", hop
    assert "ACPI tables after reset" in unequal(hop)
    assert "ACPI tables" not in unequal(hop)
    assert "._CRS I/O" in unequal(hop)["ACPI tables after reset"].before


async def test_a_device_that_differs_is_seen_by_the_guest(builds: Mapping[str, Build]) -> None:
    way = stops(builds, "11.1.3 7.2.22", last=guest(",serial=OTHER"))
    trial = await go(way, "multifd")

    (hop,) = trial.hops
    assert hop.answer == "drift", hop
    assert list(unequal(hop)) == ["disks"], hop
    assert "OTHER" in unequal(hop)["disks"].after


async def test_damaged_memory_and_disks_are_found(
    builds: Mapping[str, Build], newest: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guest's memory and its disk are really changed on the target, before it checks them."""
    disks: list[Disks] = []

    def noted(kernel: Kernel) -> SharedFiles:
        files = SharedFiles(kernel)
        disks.append(files.disks)
        return files

    async def damaging(source: Qemu, target: Qemu, **words: Any) -> Transfer:
        moved = await migrate(source, target, **words)
        await damage_memory(target)
        disks[0].overwrite("d", 4096, b"something else")
        return moved

    monkeypatch.setattr("qcompat.trial.live.run.SharedFiles", noted)
    monkeypatch.setattr("qcompat.trial.live.journey.migrate", damaging)
    trial = await go(stops(builds, f"{newest.identity.version} {newest.identity.version}"))

    (hop,) = trial.hops
    assert hop.outcome.loads, hop
    assert hop.ending == "broken"
    assert {"memory pattern", "disk reads (vda)"} <= set(unequal(hop)), hop


async def damage_memory(qemu: Qemu) -> None:
    """Change one byte behind the mark, wherever in the guest's memory it lies."""
    step = 1 << 20
    found = 0
    for base in range(16 * step, 256 * step, step):
        block = await qemu.qtest.read(base, step)
        for at in range(0, step, 4096):
            if block.startswith(MARK, at):
                await qemu.qtest.write(base + at + 64, bytes([block[at + 64] ^ 0xFF]))
                found += 1
    assert found


async def test_a_machine_that_boots_no_kernel_is_an_outcome(newest: Build) -> None:
    where = Stop(newest, parse(["-machine", "isapc", "-m", "64"]))
    trial = await run_live([where, where], accel="tcg", timeout=6)

    (hop,) = trial.hops
    assert hop.outcome.kind == "no_stream"
    assert "did not come up" in hop.outcome.message


async def test_a_guest_that_the_first_build_refuses_is_an_outcome(newest: Build) -> None:
    where = Stop(newest, parse(["-machine", "q35", "-device", "no-such-device"]))
    trial = await run_live([where, where], accel="tcg")

    assert trial.hops[0].outcome.kind == "no_stream"
    assert "no-such-device" in trial.hops[0].outcome.message


async def test_what_is_plugged_goes_along_and_comes_out_again(builds: Mapping[str, Build]) -> None:
    """By TCG Linux leaves a plugged processor unused, which is said."""
    room = (
        "-machine pc-q35-7.2 -m 256,slots=1,maxmem=1G -smp 1,maxcpus=2"
        " -nodefaults -serial pty -device pcie-root-port,id=rp1,chassis=1 -device qemu-xhci"
        " -device virtio-scsi-pci,id=scsi0"
    )
    way = [
        msgspec.structs.replace(stop, guest=parse(shlex.split(room)))
        for stop in stops(builds, "7.2.22 10.0.13")
    ]
    trial = await run_live(way, accel="tcg", timeout=300, hotplug=True)

    (hop,) = trial.hops
    saw = {check.what: check.saw for check in hop.checks if "plug" in check.what}
    kinds = ("PCI device", "USB device", "memory module", "processor", "SCSI disk")
    assert hop.ending == "loaded", hop
    assert saw == {f"{what} {k}": "same" for k in kinds for what in PLUGGED}
    lost = {part.subject for part in trial.guest.uncovered if "plugged" in part.subject}
    assert lost <= {"hot-plugged processor"}
