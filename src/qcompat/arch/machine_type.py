"""The name of a machine type taken apart: board, version, and what a distribution made of it.

    pc-q35-7.2             board pc-q35, version 7.2
    pc-q35-rhel9.6.0       vendor rhel: its versions are those of the distribution
    pc-i440fx-jammy        vendor ubuntu: the release of that code name, 22.04
    pc-q35-noble-hpb       the same with a variant, which has its own succession
    pc-q35-9.2+pve1        revision pve1 of a machine type that is otherwise upstream's
    pseries-2.12-sxxm      a variant of an upstream type
    pc-1.3                 pc-i440fx, from before there was another (hw/i386/pc_piix.c of 5.2)
    q35, microvm, none     a board without versions, or an alias

Here alone names of machine types are parsed. What a name stands for on a build (aliases) is for
the build's facts to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import msgspec

from qcompat.dataset import read_table

_VERSIONED = re.compile(
    r"(?P<board>.+?)-(?P<vendor>[a-z]+)?(?P<version>\d+(?:\.\d+)+)(?:-(?P<variant>[a-z0-9-]+))?",
    re.ASCII,
)
_BARE_RHEL = re.compile(r"(?P<vendor>rhel)(?P<version>\d+(?:\.\d+)+)", re.ASCII)
_CODENAME = re.compile(r"(?P<board>.+?)-(?P<name>[a-z]+)(?:-(?P<variant>[a-z0-9-]+))?", re.ASCII)
_REVISION = re.compile(r"(?P<base>[^+]+)\+(?P<revision>[^+]+)")
_FORMER = {"pc": "pc-i440fx"}


class MachineType(msgspec.Struct, frozen=True):
    """A machine type by its name.

    `version` is empty for a board without versions. `vendor` is empty for upstream's types.
    `family` names the succession in which `version` orders: types of different families are
    neither older nor newer than each other.
    """

    name: str
    board: str
    version: tuple[int, ...] = ()
    vendor: str = ""
    variant: str = ""
    revision: str = ""

    @property
    def is_versioned(self) -> bool:
        """Whether it keeps the behaviour of one release."""
        return bool(self.version)

    @property
    def is_upstream(self) -> bool:
        """Whether QEMU itself defines it, with a version, as a distribution did not change it."""
        return self.is_versioned and not (self.vendor or self.variant or self.revision)

    @property
    def family(self) -> str:
        """The board, with the vendor and the variant that have a succession of their own."""
        return "-".join(part for part in (self.board, self.vendor, self.variant) if part)

    @property
    def base(self) -> str:
        """The name without the revision of a distribution: `pc-q35-9.2` of `pc-q35-9.2+pve1`."""
        return self.name.partition("+")[0] if self.revision else self.name

    @property
    def succession(self) -> tuple[str, tuple[int, ...]]:
        """Sort key: by family, and in each the oldest first."""
        return self.family, self.version

    def is_older_than(self, other: MachineType) -> bool:
        """Whether it comes before `other` in the succession of their family."""
        return self.family == other.family and self.version < other.version


class _Codename(msgspec.Struct, frozen=True):
    name: str
    version: str


class _Codenames(msgspec.Struct, frozen=True):
    ubuntu: tuple[_Codename, ...]


def parse_machine_type(name: str) -> MachineType:
    """The parts of a name; any text is a name, if only of a board without versions."""
    if revised := _REVISION.fullmatch(name):
        base = parse_machine_type(revised["base"])
        return msgspec.structs.replace(base, name=name, revision=revised["revision"])
    if found := _VERSIONED.fullmatch(name):
        board = _FORMER.get(found["board"], found["board"])
        return MachineType(
            name, board, _numbers(found["version"]), found["vendor"] or "", found["variant"] or ""
        )
    if found := _BARE_RHEL.fullmatch(name):  # those of RHEL 6 have no board in the name
        return MachineType(name, _FORMER["pc"], _numbers(found["version"]), found["vendor"])
    return _by_codename(name) or MachineType(name, name)


def relatives(name: str, names: Iterable[str]) -> tuple[MachineType, ...]:
    """The versioned ones of `names` in the family of `name`, the oldest first."""
    family = parse_machine_type(name).family
    found = (each for each in map(versioned, names) if each and each.family == family)
    return tuple(sorted(found, key=lambda each: each.succession))


def nearest(name: str, release: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` that come nearest to a machine type that is not among them, nearest first.

    They are of the same board: its base type; the one of the same release of QEMU, or the last
    before it, then the next, then the one before. `release` is that of a build that has the
    machine type, such as `8.2.2`; an upstream type names its own. Upstream's types come before
    vendors', whose versions say nothing about QEMU's: of these only the newest can be told.
    """
    own = parse_machine_type(name)
    known = [each for each in map(versioned, names) if each and each.board == own.board]
    if any(each.name == own.base for each in known):
        return (own.base,)
    known.sort(key=lambda each: each.version)
    upstream = [each for each in known if each.is_upstream]
    if not upstream:
        return tuple(each.name for each in reversed(known[-1:]))
    wanted = own.version if own.is_upstream else tuple(map(int, re.findall(r"\d+", release)[:2]))
    at = max((n for n, each in enumerate(upstream) if each.version <= wanted), default=0)
    order = (at, at + 1, at - 1)
    return tuple(upstream[n].name for n in order if 0 <= n < len(upstream))


def versioned(name: str) -> MachineType | None:
    """The machine type; None for one that is not versioned."""
    found = parse_machine_type(name)
    return found if found.is_versioned else None


def _by_codename(name: str) -> MachineType | None:
    found = _CODENAME.fullmatch(name)
    if found is None or found["name"] not in _ubuntu():
        return None
    version = _ubuntu()[found["name"]]
    return MachineType(name, found["board"], version, "ubuntu", found["variant"] or "")


@cache
def _ubuntu() -> dict[str, tuple[int, ...]]:
    table = read_table("qcompat.arch", "codenames.toml", _Codenames)
    return {each.name: _numbers(each.version) for each in table.ubuntu}


def _numbers(text: str) -> tuple[int, ...]:
    """The numbers of `9.6.0`; absurdly long ones are cut, as no release has such."""
    return tuple(int(part[:9]) for part in text.split("."))
