"""Knowledge that no build reports: the table `known.toml`, validated when loaded."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

import msgspec

from qcompat.dataset import parse_table


class Board(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    prefix: str
    drivers: tuple[str, ...]
    source: str


class Elsewhere(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    drivers: tuple[str, ...]
    architecture: str
    source: str


class Alike(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Values that mean the same; without values, all those of these properties do."""

    properties: tuple[str, ...]
    source: str
    types: tuple[str, ...] = ("*",)
    values: tuple[str, ...] = ()


class Derived(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    properties: tuple[str, ...]
    source: str


class Renamed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    property: str
    successor: str
    source: str


class Introduced(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    types: tuple[str, ...]
    release: tuple[int, ...]
    source: str


class Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table; its head says what each part means."""

    board: tuple[Board, ...]
    elsewhere: tuple[Elsewhere, ...]
    introduced: tuple[Introduced, ...]
    renamed: tuple[Renamed, ...]
    derived: tuple[Derived, ...]
    alike: tuple[Alike, ...]


@cache
def known() -> Known:
    return parse_known(files(__package__).joinpath("known.toml").read_bytes())


def is_same(type: str, property: str, value: str, other: str) -> bool:
    """Whether two values mean the same, or differ only by place or chance."""
    return value == other or any(
        _fits(property, each.properties)
        and _fits(type, each.types)
        and (not each.values or {value, other} <= set(each.values))
        for each in known().alike
    )


def is_derived(property: str) -> bool:
    """Whether a device makes its value from that of another property."""
    return any(_fits(property, each.properties) for each in known().derived)


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def successor_of(property: str) -> str:
    """The property that replaces this one; empty where none is known."""
    return next((each.successor for each in known().renamed if each.property == property), "")


def was_introduced(type: str, release: tuple[int, ...]) -> bool:
    """Whether guests of this release can have had such a device, as far as is known."""
    return all(release >= part.release for part in known().introduced if _fits(type, part.types))


def parse_known(data: bytes) -> Known:
    """Errors: FileFormatError where the table does not fit its shape."""
    return parse_table(data, Known, "known.toml of the audit")
