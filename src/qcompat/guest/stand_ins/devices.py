"""Devices that need something of the host are left out and named; the table is `devices.toml`.

So are their properties that name a file (`files`), given with `-device` or with `-global`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import cache

import msgspec

from qcompat.dataset import read_table
from qcompat.guest.global_property import read_global
from qcompat.guest.guest import Loss, Uncovered
from qcompat.guest.option import Option
from qcompat.guest.stand_ins.files import without_files
from qcompat.guest.stand_ins.processes import is_served
from qcompat.guest.stand_ins.replaced import Replaced, each

_OFF = frozenset({"off", "no", "false", "n"})


class Dropped(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Device types, as shell patterns, that guests cannot have here, and why."""

    types: tuple[str, ...]
    reason: str
    loses: Loss = "state"


class Denied(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Properties that devices of some types cannot have switched on here, and why."""

    types: tuple[str, ...]
    names: tuple[str, ...]
    reason: str


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of `devices.toml`."""

    dropped: tuple[Dropped, ...]
    property: tuple[Denied, ...]


@cache
def table() -> Table:
    return read_table("qcompat.guest.stand_ins", "devices.toml", Table)


def replace(options: Sequence[Option]) -> Replaced:
    """The options without devices and properties that need the host."""

    tpms = {option.get("id") for option in options if option.name == "tpmdev"}

    def change(option: Option) -> Iterable[Option | Uncovered]:
        if option.name == "device" and (option.get("tpmdev") in tpms or is_served(option)):
            return without_files(option)
        if option.name == "device":
            return _device(option)
        if option.name == "global":
            return _global(option)
        return (option,)

    return each(options, change)


def dropped(type_: str) -> Dropped | None:
    """Why a guest cannot have a device of this type here; None: it can."""
    for entry in table().dropped:
        if any(fnmatchcase(type_, pattern) for pattern in entry.types):
            return entry
    return None


def _device(option: Option) -> Iterable[Option | Uncovered]:
    type_ = option.get("driver")
    if entry := dropped(type_):
        yield Uncovered(option.written, entry.reason, entry.loses, type_)
        return
    denied = {key: why for key, value in option.pairs if (why := _why_denied(type_, key, value))}
    for key, why in denied.items():
        yield Uncovered(option.written, f"{key}: {why}", "view")
    yield from without_files(option.without(*denied))


def _why_denied(type_: str, key: str, value: str) -> str:
    for entry in table().property:
        is_meant = key in entry.names and value not in _OFF
        if is_meant and any(fnmatchcase(type_, pattern) for pattern in entry.types):
            return entry.reason
    return ""


def _global(option: Option) -> Iterable[Option | Uncovered]:
    given = read_global(option.text)
    named = option.having(((given.name, given.value),))
    kept, *lost = without_files(named)
    yield from lost
    if kept == named:
        yield Option("global", text=given.text(), written=option.written)
