"""The feature behind a model-specific register that KVM refused (`msrs.toml`)."""

from __future__ import annotations

import re

import msgspec

from qcompat.dataset import read_table

_REFUSED = re.compile(r"failed to set MSR 0x([0-9a-f]+)")


class Msr(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Registers that are written for one feature, and those that hang on it."""

    first: int
    last: int
    feature: str


class _Msrs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    msr: tuple[Msr, ...]


def refused_by(message: str) -> str:
    """The feature to turn off after QEMU ended with that message; empty where it tells none."""
    found = _REFUSED.search(message)
    if not found:
        return ""
    number = int(found[1], 16)
    table = read_table("qcompat.hosts.cpu.features", "msrs.toml", _Msrs).msr
    return next((msr.feature for msr in table if msr.first <= number <= msr.last), "")
