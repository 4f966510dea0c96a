"""How long a guest stands still while its device state is taken: by QEMU's events, and inside it.

    python -m benchmarks.rehearsal_pauses [--times 100] [BUILD]

Linux boots in the guest under TCG and beats ten times a second. The device state is taken so many
times; between, as long again, it is not. The gaps between beats as the host hears them tell what
the guest's user would notice: a pause lengthens one. Under KVM, of a guest whose firmware is idle,
`python -m benchmarks.rehearsal --pauses 100` tells QEMU's events.
"""

from __future__ import annotations

import argparse
import asyncio
import shlex
import statistics
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from qcompat.arch.architecture import architecture_of
from qcompat.guest.arguments import parse
from qcompat.linux.kernel import obtain_kernel
from qcompat.portrait.portraits import Portraits
from qcompat.portrait.running.device_state import Channel, take_device_state
from qcompat.trial.live.agent.conversation import Conversation
from qcompat.trial.live.launch import Setup, SharedFiles, launch_guest
from qcompat.trial.stop import Stop
from tools.accuracy.rehearsals.session import OwnSession

WORDS = """
-machine pc-q35-7.2 -nodefaults -m 256 -smp 2 -serial null
-drive if=none,id=d0,file=/d0.raw,format=raw -device virtio-blk-pci,drive=d0
-device qemu-xhci -device usb-tablet -device virtio-rng-pci -device VGA
"""
BETWEEN = 0.2
"""Seconds from one time to the next."""
_BOOT_SECONDS = 300.0


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", nargs="?", default="debian-10.0.13")
    parser.add_argument("--times", type=int, default=100)
    given = parser.parse_args()
    asyncio.run(_in_linux(given.build, given.times))


async def report_pauses(channel: Channel, times: int, between: float = 0.05) -> None:
    """Take the state so often, with a while between, and print the pauses by QEMU's own events."""
    pauses = []
    for _ in range(times):
        pauses.append((await take_device_state(channel)).pause)
        await asyncio.sleep(between)
    print(f"pause by QEMU's events, {times} times: {_spread(pauses)}")


def _spread(milliseconds: Sequence[float]) -> str:
    late = sorted(milliseconds)[int(len(milliseconds) * 0.95) - 1]
    middle = statistics.median(milliseconds)
    return f"median {middle:.1f} ms, 95 of 100 up to {late:.1f}, worst {max(milliseconds):.1f}"


async def _in_linux(name: str, times: int) -> None:
    build = Portraits.here().registry.get(name)
    guest = parse(shlex.split(WORDS))
    with SharedFiles(obtain_kernel(architecture_of(guest.machine))) as files:
        setup = Setup(files, "tcg", "precopy", Path("/"))
        async with launch_guest(setup, Stop(build, guest).here, incoming=False) as running:
            talk = Conversation()
            talk.attach(running.port)
            await running.qemu.execute("cont")
            await talk.wait(lambda said: said.boots >= 1, _BOOT_SECONDS, "no boot")
            gaps: dict[str, list[float]] = {}
            for what in ("left alone", "rehearsed"):
                begin = len(talk.messages.beats)
                if what == "rehearsed":
                    await report_pauses(OwnSession(running.qemu), times, BETWEEN)
                else:
                    await asyncio.sleep(times * BETWEEN)
                beats = [beat.at * 1e3 for beat in talk.messages.beats[begin:]]
                gaps[what] = [late - early for early, late in pairwise(beats)]
    for what, each in gaps.items():
        print(f"gaps between {len(each)} beats, {what}: {_spread(each)}")


if __name__ == "__main__":
    main()
