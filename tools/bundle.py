"""Takes the bundled portraits again: `python -m tools.bundle`.

For every registered Debian build and the machine types and devices of `bundle.toml`: the
standard single-device guests and the whole guests, with KVM where this machine has it.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts, DeviceFact
from qcompat.builds.learn.learn import learn
from qcompat.guest.guest import Guest
from qcompat.guest.single import Skipped, single_device
from qcompat.guest.whole import whole_guests
from qcompat.local.home import cache_home
from qcompat.local.kvm import has_kvm
from qcompat.portrait.bundle import write_bundle
from qcompat.portrait.bundled import PLACE, BundledBuild
from qcompat.portrait.portrait import Accel, Portrait, key_of
from qcompat.portrait.take import take
from tools.builds import registered

CONTENTS = Path(__file__).with_name("bundle.toml")
AT_ONCE = 3


class Contents(msgspec.Struct, frozen=True):
    """`bundle.toml`: what is bundled."""

    machines: tuple[str, ...]
    devices: tuple[str, ...]


def main() -> None:
    """Take all portraits and replace the bundled ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=PLACE)
    into = parser.parse_args().into
    contents = msgspec.convert(tomllib.loads(CONTENTS.read_text()), Contents)
    aside = into.with_name(f"{into.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    index = {}
    for build in registered():
        if build.name.startswith("debian-"):
            index[build.name] = _bundle_build(build, contents, aside / build.name)
    (aside / "index.json").write_bytes(msgspec.json.format(msgspec.json.encode(index)))
    shutil.rmtree(into, ignore_errors=True)
    aside.rename(into)


def _bundle_build(build: Build, contents: Contents, place: Path) -> BundledBuild:
    facts = learn(build, cache=cache_home())
    accel: Accel = "kvm" if has_kvm() else "tcg"
    known = {machine.name for machine in facts.machines}
    names = []
    for machine in contents.machines:
        if machine in known:
            names.append(f"{machine}.{accel}")
            guests = list(_guests(machine, contents, facts))
            portraits = asyncio.run(_take_all(build, guests, facts, accel))
            path = place / f"{names[-1]}.qcb"
            write_bundle(portraits, path)
            print(build.name, names[-1], len(portraits), "portraits,", path.stat().st_size, "bytes")
    return BundledBuild(build.identity, tuple(names))


def _guests(machine: str, contents: Contents, facts: BuildFacts) -> Iterator[Guest]:
    known = {device.type: device for device in facts.devices}
    for name in contents.devices:
        guest = single_device(machine, known.get(name, DeviceFact(name, "PCI")))
        if not isinstance(guest, Skipped):
            yield guest
    yield from whole_guests(machine).values()


async def _take_all(
    build: Build, guests: Sequence[Guest], facts: BuildFacts, accel: Accel
) -> list[tuple[str, Portrait]]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(guest: Guest) -> tuple[str, Portrait]:
        async with gate:
            portrait = await take(build, guest, facts, accel=accel)
        return key_of(guest, "reset", accel), portrait

    return list(await asyncio.gather(*(one(guest) for guest in guests)))


if __name__ == "__main__":
    main()
