"""What the files of a build contain: names of states, and texts that show a behaviour.

`-dump-vmstate` leaves out CPUs, timers, virtio's own state and much else, so a build does not say
all that it could load. But every `VMStateDescription` is a static structure that points to its
name. Linkers store a string that is the tail of another only once (`hpet` within `...-hpet`), so
a search for whole strings misses names: on Debian's 7.2.22 that is 52 of the 389 that its source
defines. Following the pointers finds all of them.

Not found: names of sections registered by code alone (`ram`, `dirty-bitmap`, `slirp`, `vfio`).
Which texts show a behaviour is data, in markers.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec

from qcompat.builds.learn.elf import Elf

# Names of VMStateDescriptions in QEMU 5.2.0, 7.2.0 and 10.0.13 are all of this form.
_NAME = re.compile(rb"[A-Za-z0-9][A-Za-z0-9 _.,:/+-]{0,62}\0")


def names_in(path: Path) -> frozenset[str]:
    """The strings of a binary or module that data points to, if they could be names.

    Errors: ValueError when it is no ELF file, OSError.
    """
    elf = Elf(path.read_bytes())
    pointers = elf.pointers()
    found: set[bytes] = set()
    for section in elf.constants():
        end = section.address + len(section.content)
        starts = (p - section.address for p in pointers if section.address <= p < end)
        matches = (_NAME.match(section.content, start) for start in starts)
        found.update(match.group() for match in matches if match)
    return frozenset(name[:-1].decode("ascii") for name in found)


class Marker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text that exactly those builds contain that have a behaviour."""

    text: str


@cache
def known_markers() -> Mapping[str, Marker]:
    """The catalogue, by name."""
    return msgspec.toml.decode(catalogue(), type=dict[str, Marker])


@cache
def catalogue() -> bytes:
    """The catalogue as it is written; cached facts are valid for one catalogue only."""
    return (files("qcompat.builds.learn") / "markers.toml").read_bytes()


def find_markers(paths: Iterable[Path]) -> dict[str, bool]:
    """For each known marker whether its text is in one of the files. Errors: OSError."""
    found = dict.fromkeys(known_markers(), False)
    for path in paths:
        content = path.read_bytes()
        for name, marker in known_markers().items():
            found[name] = found[name] or marker.text.encode() in content
    return found
