"""The hardware that the guest sees: PCI functions, and what its kernel says of its devices.

PCI configuration space is compared as the guest reads it; the bits that change while a guest
works, whatever runs it, are in the table `volatile.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Literal

import msgspec

from qcompat.dataset import read_table
from qcompat.stream.pci_registers import Register, register_of
from qcompat.trial.live.agent.messages import GuestReport
from qcompat.trial.live.checks.summary import count, summarise
from qcompat.trial.trial import Check

# Directory of the report, what the check is called, what one of it is.
_KINDS = (
    ("virtio", "virtio devices", "device"),
    ("disk", "disks", "disk"),
    ("usb", "USB devices", "device"),
    ("net", "network cards", "card"),
)


def check_pci(before: GuestReport, after: GuestReport, *, was_reset: bool) -> Iterator[Check]:
    ours, theirs = before.below("pci"), after.below("pci")
    if not ours and not theirs:
        return
    differences = [
        difference
        for address in sorted(ours.keys() | theirs.keys())
        for difference in _function(address, ours.get(address), theirs.get(address), was_reset)
    ]
    yield summarise("PCI configuration", differences, count(len(ours), "function"))


def _function(
    address: str, before: bytes | None, after: bytes | None, was_reset: bool
) -> Iterator[tuple[str, str, str]]:
    if before is None or after is None:
        yield address, _identity(before), _identity(after)
        return
    if len(before) != len(after):
        yield address, f"{len(before)} bytes", f"{len(after)} bytes"
    for register in changed_registers(before, after, was_reset=was_reset):
        one, other = value_of(before, register), value_of(after, register)
        width = 2 + 2 * register.size
        yield f"{address} {register.name}", f"{one:#0{width}x}", f"{other:#0{width}x}"


def _identity(config: bytes | None) -> str:
    if config is None:
        return "absent"
    vendor, device = (int.from_bytes(config[at : at + 2], "little") for at in (0, 2))
    return f"{vendor:04x}:{device:04x}"


class VolatileRegister(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the table `volatile.toml`; see its head."""

    register: str
    reason: str
    bits: int | None = None
    when: Literal["always", "reset"] = "always"


class _VolatileTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    register: tuple[VolatileRegister, ...]


@cache
def volatile() -> tuple[VolatileRegister, ...]:
    return read_table("qcompat.trial.live.checks", "volatile.toml", _VolatileTable).register


def changed_registers(before: bytes, after: bytes, *, was_reset: bool) -> tuple[Register, ...]:
    """The registers in which the two differ, except for volatile bits, by offset."""
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


def value_of(config: bytes, register: Register) -> int:
    return int.from_bytes(config[register.offset : register.offset + register.size], "little")


def _steady(register: Register, config: bytes, was_reset: bool) -> int:
    seen = value_of(config, register)
    for entry in _entries(register, was_reset):
        seen &= 0 if entry.bits is None else ~entry.bits
    return seen


def _entries(register: Register, was_reset: bool) -> Iterator[VolatileRegister]:
    for entry in volatile():
        holds = entry.when == "always" or was_reset
        if holds and fnmatchcase(register.name, entry.register):
            yield entry


def check_devices(before: GuestReport, after: GuestReport) -> Iterator[Check]:
    for directory, what, noun in _KINDS:
        ours, theirs = before.below(directory), after.below(directory)
        if ours or theirs:
            differences = [
                difference
                for name in sorted(ours.keys() | theirs.keys())
                for difference in _device(name, ours.get(name), theirs.get(name))
            ]
            yield summarise(what, differences, count(len(ours), noun))
    yield _memory_map(before, after)


def _device(name: str, before: bytes | None, after: bytes | None) -> Iterator[tuple[str, str, str]]:
    if before is None or after is None:
        yield name, _presence(before), _presence(after)
        return
    ours, theirs = _fields(before), _fields(after)
    for key in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(key, "absent"), theirs.get(key, "absent")
        if one == other:
            continue
        one, other = _features(one, other) if key == "features" else (one, other)
        yield f"{name} {key}", one, other


def _features(before: str, after: str) -> tuple[str, str]:
    """The kernel writes one digit for each bit, bit 0 first; shown are those that one end lacks."""
    ours, theirs = ({bit for bit, on in enumerate(text) if on == "1"} for text in (before, after))
    return _bits(ours - theirs), _bits(theirs - ours)


def _bits(bits: set[int]) -> str:
    return f"with bit {' '.join(str(bit) for bit in sorted(bits))}" if bits else "without"


def _fields(data: bytes) -> dict[str, str]:
    lines = data.decode(errors="replace").splitlines()
    return {key: value for key, _, value in (line.partition(" ") for line in lines)}


def _presence(data: bytes | None) -> str:
    return "absent" if data is None else "present"


def _memory_map(before: GuestReport, after: GuestReport) -> Check:
    ours, theirs = (report.text("iomem").splitlines() for report in (before, after))
    gone = [(line.strip(), "", "absent") for line in ours if line not in theirs]
    new = [(line.strip(), "absent", "") for line in theirs if line not in ours]
    return summarise("memory map", [*gone, *new], count(len(ours), "range"))
