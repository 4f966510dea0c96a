"""The registers behind features.

`registers.toml` has those in which a feature's state travels, `msrs.toml` the model-specific
ones by which KVM refuses a feature.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

import msgspec

from qcompat.dataset import read_table

_REFUSED = re.compile(r"failed to set MSR 0x([0-9a-f]+)")


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A register, and the features without which the target refuses some values of it."""

    register: str
    features: tuple[str, ...]


class _States(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    state: tuple[State, ...]


@cache
def registers() -> Mapping[str, str]:
    """The register that carries each feature."""
    table = read_table("qcompat.hosts.cpu.features", "registers.toml", _States)
    return {name: state.register for state in table.state for name in state.features}


def carried(features: Iterable[str]) -> tuple[str, ...]:
    """Those of the features that, once used, are in the stream, as `pcid (CR4)`."""
    return tuple(f"{name} ({registers()[name]})" for name in features if name in registers())


class Msr(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A range of registers that are written for one feature."""

    first: int
    last: int
    feature: str


class _Msrs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    msr: tuple[Msr, ...]


def refused_by(message: str) -> str:
    """The feature to turn off after QEMU ended with that message; empty where it names none."""
    found = _REFUSED.search(message)
    if not found:
        return ""
    number = int(found[1], 16)
    table = read_table("qcompat.hosts.cpu.features", "msrs.toml", _Msrs).msr
    return next((msr.feature for msr in table if msr.first <= number <= msr.last), "")
