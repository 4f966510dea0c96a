"""A minimal guest around one device, with the parents and backends that it needs.

The recipes are `single.toml`. The same guest serves every build, so that only what the builds
make of it can differ. A type that gets no guest gives a value with the reason, not an error:
programs go through the list of all types.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache
from typing import overload

import msgspec

from qcompat.arch.architecture import board_of, cpu_model
from qcompat.builds.facts import DeviceFact
from qcompat.dataset import read_table
from qcompat.errors import GuestError
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.guest.option import Pairs, format_fields, parse_fields
from qcompat.guest.stand_ins.devices import dropped


class Skipped(msgspec.Struct, frozen=True):
    """A device type that gets no guest, and why."""

    type: str
    reason: str


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """Which devices an entry of `single.toml` is for; see the head of that file."""

    types: tuple[str, ...] = ()
    except_: tuple[str, ...] = msgspec.field(default=(), name="except")
    bus: str = ""
    board: str = ""
    except_board: str = ""

    def holds(self, device: DeviceFact, machine: str) -> bool:
        board = board_of(machine).name
        if board == self.except_board or self.board not in ("", board):
            return False
        named = _any(device.type, self.types) and not _any(device.type, self.except_)
        return named or bool(self.bus and self.bus == device.bus)


class Recipe(Match, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a device needs beside it, and the properties that connect it to that."""

    arguments: tuple[str, ...] = ()
    properties: str = ""


class Exclusion(Match, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why no guest is made around some devices."""

    reason: str


class Recipes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of `single.toml`."""

    base: tuple[str, ...]
    recipe: tuple[Recipe, ...]
    skipped: tuple[Exclusion, ...]


@cache
def recipes() -> Recipes:
    return read_table("qcompat.guest", "single.toml", Recipes)


@overload
def single_device(machine: str, device: DeviceFact) -> Guest | Skipped: ...
@overload
def single_device(machine: str, device: str | None) -> Guest: ...
def single_device(machine: str, device: DeviceFact | str | None) -> Guest | Skipped:
    """A guest on `machine` (a machine type or alias) with one device.

    A device that a build lists gives a guest, or the reason why there is none. As text it is what
    a user writes after `-device` (`virtio-blk-pci,num-queues=2`; None: no device at all);
    then GuestError is raised where there can be no guest.
    """
    if device is None:
        return parse(_words(_base(machine)))
    if isinstance(device, DeviceFact):
        return _guest(machine, device, ())
    pairs = parse_fields(device, "driver")
    type_ = next((value for key, value in pairs if key == "driver"), "")
    made = _guest(machine, DeviceFact(type_), tuple(p for p in pairs if p[0] != "driver"))
    if isinstance(made, Skipped):
        raise GuestError(f"no guest can be made around {made.type}: {made.reason}", _WHOLE)
    return made


_WHOLE = "give a whole guest as QEMU arguments after --"


def _guest(machine: str, device: DeviceFact, properties: Pairs) -> Guest | Skipped:
    if reason := _why_skipped(machine, device):
        return Skipped(device.type, reason)
    matching = [recipe for recipe in recipes().recipe if recipe.holds(device, machine)]
    given = {key for key, _ in properties}
    joined = [p for r in matching for p in parse_fields(r.properties) if p[0] not in given]
    text = format_fields((("driver", device.type), *joined, *properties), "driver")
    needed = dict.fromkeys(a for recipe in matching for a in recipe.arguments)
    lines = (*_base(machine), *needed, f"-device {text}")
    return parse([word.format(model=cpu_model(device.type)) for word in _words(lines)])


def base_lines(machine: str) -> tuple[str, ...]:
    """What every small guest on a machine type has, an option a line, but for the machine."""
    small = board_of(machine).small
    return tuple(line.format(small=small) for line in recipes().base)


def _base(machine: str) -> tuple[str, ...]:
    return "-machine " + machine, *base_lines(machine)


def _why_skipped(machine: str, device: DeviceFact) -> str:
    if entry := dropped(device.type):
        return entry.reason
    return next((s.reason for s in recipes().skipped if s.holds(device, machine)), "")


def _words(lines: Iterable[str]) -> list[str]:
    return [word for line in lines for word in line.split(" ", 1)]


def _any(type_: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(type_, pattern) for pattern in patterns)
