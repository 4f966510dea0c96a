"""What a portrait costs by the size of its guest: time, and the most memory of all its processes.

    python -m benchmarks.guest_size [BUILD…]

Target: flat. The peer is QEMU itself: start the paused guest and migrate it into a file, for the
sizes that fit into this machine.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from benchmarks.portrait import ACCEL
from qcompat.builds.build import Build
from qcompat.builds.learn.learn import learn
from qcompat.builds.registry import Registry
from qcompat.builds.run.command import command
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.local.home import cache_home, data_home
from qcompat.portrait.take import take
from qcompat.qemu.launch import launch
from qcompat.qemu.migration import save

RUNS = 3
BASE = "-machine pc-q35-{release} -nodefaults -cpu qemu64,phys-bits=46"
DEVICES = " -m 256M,slots=2,maxmem=4T -object memory-backend-ram,id=m,size={size}"
MAIN = " -m {size} -machine memory-backend=m -object "
FILE = "memory-backend-file,mem-path=/dev/hugepages,prealloc=on,share=on,id=m,size={size}"
KINDS: Mapping[str, str] = {
    "plain": " -m {size}",
    "share=on": MAIN + "memory-backend-ram,id=m,size={size},share=on",
    "huge pages": MAIN + FILE,
    "memfd, huge pages": MAIN + "memory-backend-memfd,id=m,size={size},hugetlb=on,share=on",
    "NUMA node": " -m {size} -object memory-backend-ram,id=m,size={size} -numa node,memdev=m",
    "pc-dimm": DEVICES + " -device pc-dimm,memdev=m",
    "nvdimm": DEVICES + " -machine nvdimm=on -device nvdimm,memdev=m",
    "virtio-pmem": DEVICES + " -device virtio-pmem-pci,memdev=m",
    "virtio-mem": DEVICES + " -device virtio-mem-pci,memdev=m",
}
SIZES = ("256M", "8G", "64G", "512G", "2T")
PEER = "8G"
PROCESSORS = (1, 16, 64, 240)


def main() -> None:
    """Print a table for each build."""
    registry = Registry(data_home())
    for build in map(registry.get, sys.argv[1:] or registry.names()):
        release = "5.2" if build.identity.version.startswith("5.") else "7.2"
        base = BASE.format(release=release)
        print(f"\n{build.name}, {ACCEL}: seconds, MB at most\n")
        print(f"| memory | {' | '.join(SIZES)} | QEMU alone, {PEER} |")
        print("|---" * (len(SIZES) + 2) + "|")
        for kind, arguments in KINDS.items():
            guests = (_guest(base + arguments.format(size=size)) for size in SIZES)
            cells = [_measured(_portrait(build, guest)) for guest in guests]
            peer = _guest(base + arguments.format(size=PEER))
            cells.append(_measured(_plain(build, peer)))
            print(f"| {kind} | {' | '.join(cells)} |", flush=True)
        print(f"\n| processors | {' | '.join(map(str, PROCESSORS))} |")
        print("|---" * (len(PROCESSORS) + 1) + "|")
        guests = (_guest(f"{base} -m 2T -smp {number}") for number in PROCESSORS)
        cells = [_measured(_portrait(build, guest)) for guest in guests]
        print(f"| 2T | {' | '.join(cells)} |", flush=True)


def _guest(line: str) -> Guest:
    return parse(line.split())


def _portrait(build: Build, guest: Guest) -> Callable[[], object]:
    facts = learn(build, cache=cache_home())

    def run() -> None:
        portrait = asyncio.run(take(build, guest, facts, accel=ACCEL))
        if portrait.refusal:
            raise RuntimeError(portrait.refusal.message)

    return run


def _plain(build: Build, guest: Guest) -> Callable[[], object]:
    async def run() -> None:
        with tempfile.TemporaryFile() as file:
            async with launch(command(build), ["-accel", ACCEL, *guest.arguments]) as qemu:
                await save(qemu, file)

    return lambda: asyncio.run(run())


def _measured(run: Callable[[], object]) -> str:
    """Median seconds, and the most memory of the processes below this one, in MB."""
    seconds, most = [], 0
    for _ in range(RUNS):
        start = time.perf_counter()
        with_peak = _Peak()
        try:
            run()
        except Exception as error:  # a figure of one guest must not end the others
            return f"{type(error).__name__}: {str(error)[:60]}"
        finally:
            with_peak.end()
        seconds.append(time.perf_counter() - start)
        most = max(most, with_peak.most)
    return f"{statistics.median(seconds):.1f} s, {most >> 20} MB"


class _Peak:
    """Looks at the processes below this one until it is ended."""

    def __init__(self) -> None:
        self.most = 0
        self._is_ended = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._is_ended.wait(0.02):
            self.most = max(self.most, sum(_below(os.getpid())))

    def end(self) -> None:
        self._is_ended.set()
        self._thread.join()


def _below(pid: int) -> Iterator[int]:
    """The resident bytes of each process below `pid`."""
    parents, sizes = {}, {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = (place / "stat").read_text().rpartition(")")[2].split()[1]
            pages = (place / "statm").read_text().split()[1]
        except (OSError, IndexError):
            continue
        parents[int(place.name)], sizes[int(place.name)] = int(parent), int(pages)
    for number, size in sizes.items():
        above = parents.get(number)
        while above and above != pid:
            above = parents.get(above)
        if above == pid:
            yield size * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
