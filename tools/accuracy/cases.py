"""What is tried: guests on machine types, on every ordered pair of builds.

A case is a guest for the source and a guest for the target; in equal cases it is the same
one, in unequal ones they differ in a single named thing.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from qcompat.builds.facts import BuildFacts
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.guest.single import Skipped, single_device

MACHINES = ("pc-q35-5.2", "pc-q35-7.2", "pc-i440fx-5.2")
UNEQUAL_MACHINES = ("pc-q35-7.2", "pc-i440fx-5.2")
UNEQUAL = Path(__file__).parent / "unequal.toml"


class Case(msgspec.Struct, frozen=True):
    """One guest (or a pair of unequal guests) to try between builds.

    `label` names it in tables; `differs` is what the two guests differ in, empty when equal.
    """

    label: str
    machine: str
    source: Guest
    target: Guest
    differs: str = ""

    @property
    def key(self) -> str:
        """The same for the same guests on the same machine type, whatever they are called."""
        words = "\0".join([*self.source.arguments, "", *self.target.arguments])
        return hashlib.sha256(words.encode()).hexdigest()[:24]


class Result(msgspec.Struct, frozen=True):
    """What really happened to the case of that key between two builds."""

    key: str
    case: str
    machine: str
    source: str
    target: str
    kind: str
    message: str
    differs: str = ""


def equal_cases(machine: str, facts: Sequence[BuildFacts]) -> Iterator[Case]:
    """A single-device guest for every device type that all these builds offer."""
    shared = set.intersection(*({device.type for device in fact.devices} for fact in facts))
    for device in facts[0].devices:
        if device.type not in shared:
            continue
        guest = single_device(machine, device)
        if not isinstance(guest, Skipped):
            yield Case(device.type, machine, guest, guest)


class _Unequal(msgspec.Struct, frozen=True):
    """An entry of `unequal.toml`: common arguments, and those of either end."""

    differs: str
    source: str
    target: str
    common: str = ""
    machine: str = ""


def unequal_cases(machine: str, path: Path = UNEQUAL) -> Iterator[Case]:
    """Pairs of guests that differ in one thing, each in both directions."""
    entries = msgspec.convert(tomllib.loads(path.read_text())["case"], list[_Unequal])
    for number, entry in enumerate(entries):
        if entry.machine and entry.machine not in machine:
            continue
        ends = [_guest(machine, entry.common, end) for end in (entry.source, entry.target)]
        label = f"{number:03} {entry.differs}"
        yield Case(f"{label} >", machine, ends[0], ends[1], entry.differs)
        yield Case(f"{label} <", machine, ends[1], ends[0], entry.differs)


def _guest(machine: str, common: str, end: str) -> Guest:
    words = [word.replace("MACHINE", machine) for word in (f"{common} {end}").split()]
    start = ["-machine", machine] if "-machine" not in words else []
    memory = ["-m", "128"] if "-m" not in words else []
    smp = ["-smp", "2"] if "-smp" not in words else []
    return parse([*start, "-nodefaults", *memory, *smp, *words])
