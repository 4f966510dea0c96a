"""What a rehearsal costs against the real migration of the same guest: time and bytes.

    python -m benchmarks.rehearsal [--memory 1024,4096] [--runs 5] [SOURCE TARGET]

Target: at least 5 times cheaper for a guest of 4 GB, and independent of the guest's memory. The
guest's firmware is idle under KVM, and nearly all of its memory is filled. The twin's portrait is
at hand, as it is from the second rehearsal on. The peer is a migration over a socket pair on this
machine, with no limit to its bandwidth.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import statistics
import time

import msgspec

from benchmarks.rehearsal_pauses import report_pauses
from qcompat.builds.build import Build
from qcompat.guest.arguments import parse
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import Portraits
from qcompat.portrait.run_firmware import run_firmware
from qcompat.portrait.running.device_state import take_device_state
from qcompat.portrait.running.stream import stream_of_now
from qcompat.portrait.twin.start import MemoryFile, Started, Twin, started
from qcompat.trial.rehearsal.rehearse import Rehearsal, rehearse
from qcompat.trial.stop import Stop
from qcompat.trial.wire.migrate import migrate
from tools.accuracy.rehearsals.session import OwnSession

WORDS = (
    *("-machine", "pc-q35-7.2", "-nodefaults", "-device", "virtio-rng-pci"),
    *("-blockdev", "null-co,node-name=d,size=1073741824", "-device", "virtio-blk-pci,drive=d"),
    *("-device", "qemu-xhci", "-device", "usb-tablet", "-device", "VGA"),
)
_LOW, _TOP, _HOLE = 64 << 20, 2 << 30, 64 << 20
"""The firmware's own memory, left as it is: the lowest, and below the top of the low part."""


def main() -> None:
    """Print both for each size of memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("builds", nargs="*", default=["debian-10.0.2", "debian-10.0.13"])
    parser.add_argument("--memory", default="1024,4096", help="MB of guest memory")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--pauses", type=int, default=0, help="so many dumps: their pauses")
    given = parser.parse_args()
    portraits = Portraits.here()
    source, target = (portraits.registry.get(name) for name in given.builds)
    for size in map(int, given.memory.split(",")):
        asyncio.run(_compare(portraits, source, target, size, given.runs, given.pauses))


async def _compare(
    portraits: Portraits, source: Build, target: Build, size: int, runs: int, pauses: int
) -> None:
    guest = Stop(source, parse((*WORDS, "-m", str(size)))).here.guest
    shown = [await portraits.of(build, guest, accel="kvm") for build in (source, target)]
    async with started(Twin(source, guest, "kvm", runs=True)) as here:
        await run_firmware(here.qemu)
        _fill(here.memory)
        await here.qemu.execute("cont")
        if pauses:
            await report_pauses(OwnSession(here.qemu), pauses)
        costs = [await _rehearsed(here, (source, target), shown) for _ in range(runs)]
        seconds, sent = await _migrated(here, Twin(target, guest, "kvm", runs=True))
    took, size_of_state = statistics.median(each[0] for each in costs), costs[0][1]
    print(
        f"{size} MB: rehearsal {took:.2f} s, {size_of_state / 1e6:.2f} MB;"
        f" migration {seconds:.2f} s, {sent / 1e6:.0f} MB:"
        f" {seconds / took:.1f} times the time, {sent / size_of_state:,.0f} times the bytes"
    )


def _fill(memory: tuple[MemoryFile, ...]) -> None:
    block = os.urandom(1 << 20)
    for held in memory:
        for at in range(_LOW, held.block.size, len(block)):
            if not _TOP - _HOLE <= at < _TOP:
                os.pwrite(held.file, block, at)


async def _rehearsed(
    here: Started, builds: tuple[Build, Build], shown: list[Portrait]
) -> tuple[float, int]:
    """Seconds, and bytes that leave the guest's host."""
    begin = time.perf_counter()
    taken = await take_device_state(OwnSession(here.qemu))
    assert shown[0].stream is not None
    now = msgspec.structs.replace(
        shown[0], moment="running", stream=stream_of_now(shown[0].stream, taken.content)
    )
    stops = tuple(Stop(build, now.guest).here for build in builds)
    with contextlib.ExitStack() as stack:
        done = await rehearse(Rehearsal(now, stops, shown[1]), stack)
    assert done.trial.succeeds
    return time.perf_counter() - begin, len(taken.content)


async def _migrated(here: Started, there: Twin) -> tuple[float, int]:
    begin = time.perf_counter()
    async with started(there, waiting=True) as arrived:
        moved = await migrate(here.qemu, arrived.qemu)
        took = time.perf_counter() - begin
        assert moved.outcome.loads, moved
        status = await here.qemu.execute("query-migrate")
        return took, int(status["ram"]["transferred"])


if __name__ == "__main__":
    main()
