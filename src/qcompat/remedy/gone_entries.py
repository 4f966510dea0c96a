"""The table of options that some builds do not have, `gone.toml`; `gone` carries it out."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import msgspec

from qcompat.dataset import read_table


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of `gone.toml`; see its head for the meaning of each part."""

    option: str
    parameter: str = ""
    value: str = ""
    becomes: tuple[str, ...] = ()
    joins: str = ""
    kinds: tuple[str, ...] = ()
    adds: str = ""
    rename: str = ""
    note: str = ""
    lost: str = ""
    times: float = 1
    stays: bool = False


@cache
def entries() -> tuple[Entry, ...]:
    """The whole table."""
    return read_table("qcompat.remedy", "gone.toml", dict[str, tuple[Entry, ...]])["entry"]


def scaled(entry: Entry, value: str) -> str | None:
    """A number in the unit that it has there; None where it is no whole one."""
    if entry.times == 1:
        return value
    number = Fraction(value) * Fraction(str(entry.times)) if value.isdecimal() else Fraction(1, 2)
    return str(number) if number.denominator == 1 else None
