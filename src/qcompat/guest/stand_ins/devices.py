"""Devices that need something of the host are left out and named; the table is `devices.toml`.

So are properties: a file given to a device (`romfile=/…`) is not read, whether it is given with
`-device` or with `-global`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import Literal

import msgspec

from qcompat.dataset import read_table
from qcompat.guest.guest import Uncovered
from qcompat.guest.option import Option
from qcompat.guest.stand_ins.replaced import Replaced, each


class Dropped(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Device types, as shell patterns, that guests cannot have here, and why."""

    types: tuple[str, ...]
    reason: str


class Property(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Properties that name a file; `keep = "name"` lets a value without a directory stay."""

    names: tuple[str, ...]
    reason: str
    keep: Literal["nothing", "name"] = "nothing"


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of `devices.toml`."""

    dropped: tuple[Dropped, ...]
    property: tuple[Property, ...]


@cache
def table() -> Table:
    return read_table("qcompat.guest.stand_ins", "devices.toml", Table)


def replace(options: Sequence[Option]) -> Replaced:
    """The options without devices and properties that need the host."""

    def change(option: Option) -> Iterable[Option | Uncovered]:
        if option.name == "device":
            return _device(option)
        if option.name == "global":
            return _global(option)
        return (option,)

    return each(options, change)


def why_dropped(type_: str) -> str:
    """Why a guest cannot have a device of this type here; empty: it can."""
    for entry in table().dropped:
        if any(fnmatchcase(type_, pattern) for pattern in entry.types):
            return entry.reason
    return ""


def _device(option: Option) -> Iterable[Option | Uncovered]:
    if reason := why_dropped(option.get("driver")):
        yield Uncovered(option.written, reason)
        return
    lost = [(key, reason) for key, value in option.pairs if (reason := _why_lost(key, value))]
    yield option.without(*(key for key, _ in lost))
    yield from (Uncovered(option.written, f"{key}: {reason}") for key, reason in lost)


def _why_lost(key: str, value: str) -> str:
    for entry in table().property:
        if key in entry.names and value and not (entry.keep == "name" and "/" not in value):
            return entry.reason
    return ""


def _global(option: Option) -> Iterable[Option | Uncovered]:
    name, _, value = option.text.partition("=")
    reason = _why_lost(name.rpartition(".")[2], value)
    yield Uncovered(option.written, reason) if reason else option
