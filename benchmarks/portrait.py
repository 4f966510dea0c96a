"""What a portrait costs, against what it costs QEMU itself to start and save that guest.

    python -m benchmarks.portrait [BUILD…]

Target: under 3 times. The peer is the least that can be done: start the paused guest, migrate
it into a file, end it.
"""

from __future__ import annotations

import asyncio
import io
import sys

from benchmarks.timing import Figures, time_pair
from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.learn.learn import learn
from qcompat.builds.registry import Registry
from qcompat.builds.run.command import command
from qcompat.guest.guest import Guest
from qcompat.guest.whole import whole_guests
from qcompat.local.home import cache_home, data_home
from qcompat.local.kvm import has_kvm
from qcompat.portrait.portrait import Accel
from qcompat.portrait.take import take
from qcompat.qemu.launch import launch
from qcompat.qemu.migration import save

ACCEL: Accel = "kvm" if has_kvm() else "tcg"


async def _plain(build: Build, guest: Guest) -> None:
    async with launch(command(build), ["-accel", ACCEL, *guest.arguments]) as qemu:
        await save(qemu, io.BytesIO())


def _compare(build: Build, guest: Guest, facts: BuildFacts) -> tuple[Figures, Figures]:
    return time_pair(
        ("portrait", lambda: asyncio.run(take(build, guest, facts, accel=ACCEL))),
        ("start and save", lambda: asyncio.run(_plain(build, guest))),
    )


def main() -> None:
    """Print the ratio for each build and a few guests."""
    registry = Registry(data_home())
    names = sys.argv[1:] or registry.names()
    for build in (registry.get(name) for name in names):
        facts = learn(build, cache=cache_home())
        machine = next(m.name for m in facts.machines if m.name in ("pc-q35-5.2", "pc-q35-7.2"))
        for label, guest in whole_guests(machine).items():
            ours, peer = _compare(build, guest, facts)
            print(f"{build.name} {label}: {ours}; {peer}; ratio {ours.median / peer.median:.2f}")


if __name__ == "__main__":
    main()
