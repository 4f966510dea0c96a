"""Where a build's firmware lies: QEMU's own places first, then beside it, then the distribution's.

A place that adds a file is given to QEMU with `-L`, after those that QEMU has by itself: so no
file of its own is replaced by another's. Which files and places there are is `firmware.toml`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from qcompat.arch.architecture import named_by, usual
from qcompat.builds.build import Build
from qcompat.builds.learn.ask import ask
from qcompat.builds.run.inside import resolve_inside
from qcompat.dataset import read_table


class Places(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of `firmware.toml`."""

    beside: tuple[str, ...]
    system: tuple[str, ...]
    files: Mapping[str, tuple[str, ...]]


class Firmware(msgspec.Struct, frozen=True):
    """Directories to pass with `-L` (none where QEMU needs none), and files that none of them has.

    `added` are those of the directories where QEMU would not have looked.
    """

    directories: tuple[str, ...]
    added: tuple[str, ...]
    missing: tuple[str, ...]


@cache
def table() -> Places:
    return read_table("qcompat.builds.find", "firmware.toml", Places)


def find_firmware(build: Build) -> Firmware:
    """Where the firmware of a build lies that has no directories yet. Errors: BuildError."""
    own = [os.path.normpath(place) for place in _own(build)]
    binary = Path(resolve_inside(build.root, build.binary))
    wanted = table().files.get(named_by(str(binary)) or usual().name, ())
    missing = [name for name in wanted if not any(_has(build, place, name) for place in own)]
    added: list[str] = []
    for place in (*(f"{binary.parent}/{each}" for each in table().beside), *table().system):
        found = [name for name in missing if _has(build, place, name)]
        if found:
            added.append(os.path.normpath(place))
            missing = [name for name in missing if name not in found]
    kept = [place for place in own if any(_has(build, place, name) for name in wanted)]
    return Firmware(tuple((*kept, *added) if added else ()), tuple(added), tuple(missing))


def place_of(build: Build, name: str) -> Path | None:
    """Where this machine sees a firmware file that the build would find. Errors: BuildError."""
    for place in (*build.firmware_dirs, *_own(build)):
        if _has(build, place, name):
            path = resolve_inside(build.root, f"{os.path.normpath(place)}/{name}")
            return Path(f"{build.root}{path}")
    return None


def _own(build: Build) -> list[str]:
    """The directories that QEMU looks into by itself, as the build sees them."""
    answer = ask(build, ["-L", "help"])
    lines = answer.output.decode(errors="surrogateescape").splitlines()
    return list(dict.fromkeys(line for line in lines if line.startswith("/")))


def _has(build: Build, place: str, name: str) -> bool:
    path = resolve_inside(build.root, f"{os.path.normpath(place)}/{name}")
    return Path(f"{build.root}{path}").is_file()
