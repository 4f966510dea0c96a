"""Draws the lines anew: `python -m tools.accuracy.whole.draw LIBVIRT PROXMOX MEASURED`.

LIBVIRT is the directory of `.args` files in libvirt's source (tests/qemuxml2argvdata), PROXMOX one
of `.cmd` files. All lines of x86_64 are put into a seeded order and tried (MEASURED keeps what
happened) until so many could be had on this machine; those, and those that could not on the way,
are written to `libvirt.jsonl` and `proxmox.txt`.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

import msgspec

from qcompat.builds.learn.learn import learn
from qcompat.local.home import cache_home
from tools.accuracy.whole.lines import LIBVIRT, PROXMOX, PROXMOX_SUFFIX, SEED, Line, words_of
from tools.accuracy.whole.measure import collect, known
from tools.builds import registered

GUESTS = 300
EMULATOR = "/usr/bin/qemu-system-x86_64"
BATCH = 20


def main() -> None:
    """Draw, try, write."""
    arguments = _arguments()
    builds = registered()
    facts = {build.name: learn(build, cache=cache_home()) for build in builds}
    every = [*_libvirt(arguments.libvirt), *_proxmox(arguments.proxmox)]
    random.Random(SEED).shuffle(every)  # noqa: S311 - not for secrets
    drawn: list[Line] = []
    for start in range(0, len(every), BATCH):
        batch = every[start : start + BATCH]
        collect(batch, builds, facts, arguments.measured)
        happened = known(arguments.measured)
        for line in batch:
            if sum(not happened[each.name].why_not_had for each in drawn) < arguments.guests:
                drawn.append(line)
    _write(drawn)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("libvirt", type=Path)
    parser.add_argument("proxmox", type=Path)
    parser.add_argument("measured", type=Path)
    parser.add_argument("--guests", type=int, default=GUESTS, help="how many that can be had")
    return parser.parse_args()


def _name(line: Line) -> str:
    return line.name


def _libvirt(directory: Path) -> Iterator[Line]:
    for path in sorted(directory.glob("*.args")):
        if EMULATOR in (text := path.read_text()):
            yield Line(f"libvirt/{path.stem}", words_of(text))


def _proxmox(directory: Path) -> Iterator[Line]:
    for path in sorted(directory.glob("*.cmd")):
        yield Line(f"proxmox/{path.name.removesuffix(PROXMOX_SUFFIX)}", words_of(path.read_text()))


def _write(drawn: list[Line]) -> None:
    lines = sorted((line for line in drawn if line.name.startswith("libvirt/")), key=_name)
    LIBVIRT.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    names = sorted(line.name for line in drawn if line.name.startswith("proxmox/"))
    PROXMOX.write_text("".join(f"{name.partition('/')[2]}{PROXMOX_SUFFIX}\n" for name in names))


if __name__ == "__main__":
    main()
