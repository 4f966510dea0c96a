"""Takes again the recorded portraits of tests: `python -m tools.portrait_recordings [NAME …]`.

The guests are `tests/data/portraits/guests.toml`; all of them go into one bundle beside it, so
that what builds and guests share is kept once. With names, only those are taken again.
"""

from __future__ import annotations

import asyncio
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from qcompat.arch.architecture import usual
from qcompat.builds.build import Build
from qcompat.builds.learn.learn import learn
from qcompat.builds.registry import Registry
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.local.home import cache_home, data_home
from qcompat.portrait.accel_choice import choose_accel
from qcompat.portrait.bundle import read_bundle, write_bundle
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.refused_options import refused_options
from qcompat.portrait.take import take

PLACE = Path(__file__).parent.parent / "tests" / "data" / "portraits"
BUNDLE = PLACE / "recordings.qcb"


class Recorded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One guest, the versions of the builds that it is taken on, and their architecture."""

    builds: tuple[str, ...]
    arguments: tuple[str, ...]
    architecture: str = usual().name


class Recordings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`guests.toml`."""

    base: tuple[str, ...]
    guest: Mapping[str, Recorded]


def main() -> None:
    """Take what is asked for, keep the rest, replace the bundle."""
    text = tomllib.loads((PLACE / "guests.toml").read_text())
    recordings = msgspec.convert(text, Recordings)
    names = set(sys.argv[1:]) or set(recordings.guest)
    known = Registry(data_home()).list()
    builds = {(build.architecture, build.identity.version): build for build in known}
    portraits = dict(_kept(recordings))
    for name in sorted(names):
        for version in recordings.guest[name].builds:
            build = builds[recordings.guest[name].architecture, version]
            portraits[f"{name}@{version}"] = _take(build, name, recordings)
    write_bundle(sorted(portraits.items()), BUNDLE)
    print(f"{len(portraits)} portraits, {BUNDLE.stat().st_size:,} bytes")


def _kept(recordings: Recordings) -> Iterator[tuple[str, Portrait]]:
    """What the bundle holds of guests that are still wanted."""
    bundle = read_bundle(BUNDLE) if BUNDLE.exists() else None
    for key in bundle.keys if bundle else ():
        name, _, version = key.partition("@")
        if bundle and name in recordings.guest and version in recordings.guest[name].builds:
            yield key, bundle.get(key)


def _take(build: Build, name: str, recordings: Recordings) -> Portrait:
    arguments = (*recordings.base, *recordings.guest[name].arguments)
    machine = arguments[arguments.index("-machine") + 1]
    guest = Guest(machine=machine, arguments=arguments)
    refused = refused_options(build, arguments, cache_home())
    if (parsed := parse(arguments)).uncovered or refused:
        guest = parsed
    accel = choose_accel("auto", build.architecture)
    portrait = asyncio.run(take(build, guest, learn(build, cache=cache_home()), accel=accel))
    portrait = msgspec.structs.replace(portrait, refused=refused)
    print(f"{name}@{build.identity.version}", portrait.refusal or "", portrait.gaps or "")
    return portrait


if __name__ == "__main__":
    main()
