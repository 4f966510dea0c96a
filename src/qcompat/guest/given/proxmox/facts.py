"""What qemu-server knows beside a guest's configuration, as the tables say it."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache

import msgspec

from qcompat.dataset import read_table

Version = tuple[int, int, int]
"""Major, minor and Proxmox's revision: 9.2+pve1 is (9, 2, 1)."""


class MachineFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The newest version, and the highest revision of each version that has any."""

    newest: str
    revisions: Mapping[str, int]


class Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of a configuration: of the guest, of the host, and those with a number."""

    guest: frozenset[str]
    host: frozenset[str]
    most: Mapping[str, int]


class Run(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Devices `name` from `first` to `last`, in slots of a bus that follow one another."""

    name: str
    first: int
    last: int
    bus: int
    slot: int


class Cpu(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Models that Proxmox renames, its levels with their flags, and vendors by patterns."""

    renamed: Mapping[str, str]
    generic: frozenset[str]
    levels: Mapping[str, str]
    vendors: Mapping[str, tuple[str, ...]]


class Firmware(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Files of code and variables by kind, where they lie, and the bytes of the variables."""

    place: str
    kinds: Mapping[str, tuple[str, str]]
    sizes: Mapping[str, int]


class Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of `facts.toml`."""

    machine: MachineFacts
    keys: Keys
    slots: Mapping[str, tuple[int, int]]
    runs: tuple[Run, ...]
    cpu: Cpu
    firmware: Firmware


class _Boards(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    class Board(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
        devices: tuple[str, ...]

    boards: Mapping[str, Board]


@cache
def facts() -> Facts:
    return read_table(__package__ or "", "facts.toml", Facts)


def board(name: str) -> tuple[str, ...]:
    """The words of a layout, such as `pve-q35-4.0.cfg`; none for a file that is not Proxmox's."""
    boards = read_table(__package__ or "", "boards.toml", _Boards).boards
    devices = boards[name].devices if name in boards else ()
    return tuple(word for device in devices for word in ("-device", device))


@cache
def slots() -> Mapping[str, tuple[int, int]]:
    """The bus and the slot of every device that has a place of its own."""
    found = dict(facts().slots)
    for run in facts().runs:
        for number in range(run.first, run.last + 1):
            found[f"{run.name}{number}"] = run.bus, run.slot + number - run.first
    return found


def vendor_of(model: str) -> str | None:
    """The vendor that Proxmox sets for a model; empty for a generic one, None if it is unknown."""
    if model in facts().cpu.generic:
        return ""
    for vendor, patterns in facts().cpu.vendors.items():
        if any(fnmatchcase(model, pattern) for pattern in patterns):
            return vendor
    return None


def revision_of(major: int, minor: int) -> int:
    """The highest revision of a version; 0 where it has none."""
    return facts().machine.revisions.get(f"{major}.{minor}", 0)


@cache
def newest() -> Version:
    """The newest version that Proxmox's tests know, with its highest revision."""
    major, minor = map(int, facts().machine.newest.split("."))
    return major, minor, revision_of(major, minor)
