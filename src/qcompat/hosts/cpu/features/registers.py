"""The registers that a feature's state travels in (`states.toml`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import msgspec

from qcompat.dataset import read_table


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
