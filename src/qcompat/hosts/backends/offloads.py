"""The offloads that a tap may take, and the bits that ask the kernel for them."""

from __future__ import annotations

from functools import cache

import msgspec

from qcompat.dataset import read_table


class Offload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of `offloads.toml`; see its head."""

    name: str
    mask: int
    probe: bool
    linux: str = ""


class Offloads(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `offloads.toml`."""

    offload: tuple[Offload, ...]


@cache
def offloads() -> tuple[Offload, ...]:
    return read_table("qcompat.hosts.backends", "offloads.toml", Offloads).offload
