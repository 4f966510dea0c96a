"""Which bits of PCI configuration space say nothing of the hardware; the table `volatile.toml`."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Literal

import msgspec

from qcompat.dataset import read_table
from qcompat.stream.pci_registers import Register, register_of


class Volatile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry; see the head of the table."""

    register: str
    reason: str
    bits: int | None = None
    when: Literal["always", "reset"] = "always"


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    register: tuple[Volatile, ...]


@cache
def table() -> tuple[Volatile, ...]:
    return read_table("qcompat.trial.live.checks", "volatile.toml", Table).register


def changed_registers(before: bytes, after: bytes, *, was_reset: bool) -> tuple[Register, ...]:
    """The registers in which the two differ, what is volatile left aside, by offset."""
    found: dict[int, Register] = {}
    for at in range(min(len(before), len(after))):
        if before[at] != after[at]:
            register = register_of(before, at)
            found.setdefault(register.offset, register)
    return tuple(
        register
        for _, register in sorted(found.items())
        if _steady(register, before, was_reset) != _steady(register, after, was_reset)
    )


def value(config: bytes, register: Register) -> int:
    return int.from_bytes(config[register.offset : register.offset + register.size], "little")


def _steady(register: Register, config: bytes, was_reset: bool) -> int:
    seen = value(config, register)
    for entry in _entries(register, was_reset):
        seen &= 0 if entry.bits is None else ~entry.bits
    return seen


def _entries(register: Register, was_reset: bool) -> Iterator[Volatile]:
    for entry in table():
        holds = entry.when == "always" or was_reset
        if holds and fnmatchcase(register.name, entry.register):
            yield entry
