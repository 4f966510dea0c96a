"""The x86-64 levels of the psABI that a set of features reaches (`levels.toml`)."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import msgspec

from qcompat.dataset import read_table


class Level(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`x86-64-v2`, and the features it adds to the one before."""

    name: str
    adds: tuple[str, ...]


class _Levels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    level: tuple[Level, ...]


@cache
def levels() -> tuple[Level, ...]:
    return read_table("qcompat.hosts.cpu.features", "levels.toml", _Levels).level


def level_of(features: Collection[str]) -> str:
    """The highest level whose features are all there; empty below the first."""
    reached = ""
    for level in levels():
        if not set(level.adds) <= set(features):
            break
        reached = level.name
    return reached


def short_of(features: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """The first level that is not reached, and what is missing; empty where all are reached."""
    for level in levels():
        if lacking := tuple(name for name in level.adds if name not in features):
            return level.name, lacking
    return "", ()
