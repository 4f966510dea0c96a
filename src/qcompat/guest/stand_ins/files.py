"""Properties that name a file of the host: none is opened, however it is set; see `files.toml`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Literal

import msgspec

from qcompat.dataset import read_table
from qcompat.guest.guest import Loss, Uncovered
from qcompat.guest.option import Option
from qcompat.qemu.supplies.names import is_supply


class Property(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Properties that name a file; see the head of `files.toml`."""

    names: tuple[str, ...]
    reason: str = ""
    keep: Literal["nothing", "name"] = "nothing"
    loses: Loss = "state"


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Properties that may hold a slash, and why others may not."""

    names: frozenset[str]
    reason: str
    loses: Loss = "state"


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of `files.toml`."""

    property: tuple[Property, ...]
    text: Text


@cache
def table() -> Table:
    return read_table("qcompat.guest.stand_ins", "files.toml", Table)


def without_files(option: Option) -> Iterable[Option | Uncovered]:
    """The option without the properties that name a file, and what is lost with them.

    Of a property that is written as an object in JSON nothing stays.
    """
    lost = {key.partition(".")[0] for key, value in option.pairs if names_file(key, value)}
    named = [key for key, _ in option.pairs if key.partition(".")[0] in lost]
    yield option.without(*named)
    for key, value in option.pairs:
        entry = _entry(key, value)
        if entry and entry.reason:
            yield Uncovered(option.written, f"{key}: {entry.reason}", entry.loses)


def names_file(key: str, value: str) -> bool:
    """Whether a property of a device or machine may make QEMU open a file of that name.

    `key` is the property, with dots where it lies inside others (`boot.splash`).
    """
    return _entry(key, value) is not None


def _entry(key: str, value: str) -> Property | Text | None:
    if is_supply(value):
        return None
    name = key.rpartition(".")[2]
    for entry in table().property:
        if name.replace("_", "-") in entry.names:  # `-machine` takes both
            is_kept = not value or (entry.keep == "name" and "/" not in value)
            return None if is_kept else entry
    return table().text if "/" in value and name not in table().text.names else None
