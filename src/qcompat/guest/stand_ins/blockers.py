"""What makes QEMU refuse to migrate a guest, and does not show on its twin: `blockers.toml`.

A stand-in has no format of a disk image, no OpenGL, no guest that mounts a share. So it is told by
the user's own options, before any of them is replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import Literal

import msgspec

from qcompat.dataset import read_table
from qcompat.guest.guest import Uncovered
from qcompat.guest.known_options import find, known_options
from qcompat.guest.option import Option, Pairs


class Blocker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry; see the head of `blockers.toml` for the meaning of each part."""

    option: str
    loses: Literal["migration", "condition"]
    reason: str
    is_: tuple[str, ...] = msgspec.field(default=("*",), name="is")
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    def holds(self, option: Option, devices: frozenset[str]) -> bool:
        """Whether it is about this option of a guest with devices of these types."""
        first, *pairs = (f"{key}={value}" for key, value in _fields(option))
        return (
            _any([first.partition("=")[2]], self.is_)
            and (not self.has or _any(pairs, self.has))
            and not _any(pairs, self.lacks)
            and (not self.beside or _any(devices, self.beside))
        )


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of `blockers.toml`."""

    blocker: tuple[Blocker, ...]


@cache
def blockers_by_option() -> dict[str, tuple[Blocker, ...]]:
    """The entries about each option."""
    every = read_table("qcompat.guest.stand_ins", "blockers.toml", Table).blocker
    return {name: tuple(b for b in every if b.option == name) for name in {b.option for b in every}}


def find_blockers(options: Sequence[Option]) -> Iterator[Uncovered]:
    """What is known to bar the migration, and what may, for each option of the user's."""
    devices = frozenset(o.get("driver") for o in options if o.name == "device")
    for option in options:
        type_ = option.get("driver") if option.name == "device" else ""
        for blocker in blockers_by_option().get(option.name, ()):
            if blocker.holds(option, devices):
                yield Uncovered(option.written, blocker.reason, blocker.loses, type_)


def _any(texts: Sequence[str] | frozenset[str], patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(text, pattern) for text in texts for pattern in patterns)


def _fields(option: Option) -> Pairs:
    """The option's fields, what it is first."""
    if option.name == "cpu":
        model, *features = option.text.split(",")
        return (("", model), *map(_feature, features))
    known = known_options().get(option.name)
    implied = find(option.name)[1].implied if known else ""
    what = option.get(implied) if implied else option.text
    return (("", what), *option.pairs)


def _feature(text: str) -> tuple[str, str]:
    """`+vmx`, `vmx`, `vmx=on` and `hv_time` as a property and its value."""
    name, _, value = text.lstrip("+-").partition("=")
    on = "off" if text.startswith("-") else {"true": "on", "yes": "on"}.get(value, value) or "on"
    return name.replace("_", "-"), on
