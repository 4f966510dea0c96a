"""The drawn lines, and the builds that each is tried on.

`libvirt.jsonl` holds lines of libvirt's tests (its notice is in `README.md`). Those of Proxmox may
not be copied into this repository: `proxmox.txt` names them, and where a directory has them they
are read from there.
"""

from __future__ import annotations

import random
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from qcompat.builds.build import Build
from tools.accuracy.whole.spelling import Reads, is_fitting, machine_of, spell

LIBVIRT = Path(__file__).parent / "libvirt.jsonl"
PROXMOX = Path(__file__).parent / "proxmox.txt"
PROXMOX_SUFFIX = ".conf.cmd"
SEED = 13
TARGETS = 3


class Line(msgspec.Struct, frozen=True):
    """A line of a manager's tests: the words behind the program."""

    name: str
    words: tuple[str, ...]


class Drawn(msgspec.Struct, frozen=True):
    """A guest of the table: a line, spelled for its builds, on its source and its targets."""

    name: str
    words: tuple[str, ...]
    source: Build
    targets: tuple[Build, ...]


def kept_lines(proxmox: Path) -> Iterator[Line]:
    """All drawn lines; of Proxmox those that the directory has."""
    for text in LIBVIRT.read_bytes().splitlines():
        yield msgspec.json.decode(text, type=Line)
    for name in PROXMOX.read_text().split():
        if (proxmox / name).is_file():
            words = words_of((proxmox / name).read_text())
            yield Line(f"proxmox/{name.removesuffix(PROXMOX_SUFFIX)}", words)


def words_of(text: str) -> tuple[str, ...]:
    """The words behind the program of a file with one command line.

    Proxmox's `kvm` is run by TCG: in a nested KVM, `enforce` finds features missing.
    """
    words = shlex.split(text.replace("\\\n", " "))
    program = next(i for i, word in enumerate(words) if word.startswith("/usr/bin/"))
    accel = ("-accel", "tcg") if words[program].endswith("/kvm") else ()
    return (*accel, *words[program + 1 :])


def on_builds(line: Line, builds: Sequence[Build], reads: Mapping[str, Reads]) -> Iterator[Drawn]:
    """The line on builds that have its machine type, each time from another source.

    An alias becomes one of the versioned types of its board. The order is that of a seeded
    shuffle, the same in every run.
    """
    chance = random.Random(f"{SEED} {line.name}")  # noqa: S311 - not for secrets
    named = machine_of(line.words)
    able = [build for build in builds if is_fitting(named, reads[build.name].machines)]
    chance.shuffle(able)
    for first in range(len(able)):
        chosen = [*able[first:], *able[:first]][: TARGETS + 1]
        shared = frozenset.intersection(*(reads[build.name].machines for build in chosen))
        fitting = is_fitting(named, sorted(shared))
        if len(chosen) > 1 and fitting:
            read = [reads[build.name] for build in chosen]
            words = spell(line.words, chance.choice(fitting), read)
            yield Drawn(line.name, words, chosen[0], tuple(chosen[1:]))
