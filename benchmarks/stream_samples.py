"""The two large streams that reading is measured with, made by a real QEMU.

`zero` is what QEMU writes of a paused guest of 8 GiB, nearly all of it zero pages. `random` is
its stream of a guest of 1 GiB in which every page of main memory is replaced by a random one.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.local.home import cache_home, make_private
from qcompat.local.kvm import has_kvm
from qcompat.qemu.launch import launch
from qcompat.qemu.migration import save
from qcompat.stream import events as e
from qcompat.stream.memory.ram_flags import CONTINUE, PAGE
from qcompat.stream.reader.reader import Reader, reading
from qcompat.stream.writer.rewriting import encoded
from qcompat.stream.writer.writer import name_bytes, u64
from tools.builds import registered

PAGE_SIZE = 4096
_GUEST = ("-machine", "q35", "-nodefaults", "-device", "virtio-net-pci")


def sample(kind: str) -> Path:
    """The stream `zero` or `random`; made once."""
    place = make_private(cache_home() / "samples")
    path = place / f"{kind}.mig"
    if not path.exists():
        plain = place / f"{kind}.plain"
        asyncio.run(_save(_build(), "8G" if kind == "zero" else "1G", plain))
        if kind == "random":
            _randomise(plain, path)
            plain.unlink()
        else:
            plain.rename(path)
    return path


def _build() -> Build:
    builds = registered()
    if not builds:
        raise SystemExit("no build is registered: `make test` fetches some")
    return next((b for b in builds if b.identity.version.startswith("10.0.")), builds[0])


async def _save(build: Build, memory: str, path: Path) -> None:
    accel = "kvm" if has_kvm() else "tcg"
    arguments = ["-accel", accel, *_GUEST, "-m", memory]
    async with launch(command(build), arguments) as qemu:
        with path.open("wb") as file:
            await save(qemu, file)


def _randomise(plain: Path, path: Path) -> None:
    with reading(plain) as reader, path.open("wb") as out:
        for event in reader.events():
            for data in _replaced(event, reader):
                out.write(data)


def _replaced(event: e.Event, reader: Reader) -> Iterator[bytes]:
    if not isinstance(event, e.PageRun) or event.block != "pc.ram":
        yield from encoded(event, reader.data)
        return
    for number in range(event.count):
        at = event.offset + number * event.stride
        address = int.from_bytes(reader.data[at : at + 8], "big") & -PAGE_SIZE
        name = b"" if event.flags & CONTINUE else name_bytes(event.block)
        yield u64(address | PAGE | event.flags & CONTINUE) + name + os.urandom(PAGE_SIZE)
