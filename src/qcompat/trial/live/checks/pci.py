"""PCI: the functions that the guest sees, and their configuration space as it reads it."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.trial.live.checks.told import number, told
from qcompat.trial.live.checks.volatile import changed_registers, value
from qcompat.trial.live.report import Report
from qcompat.trial.trial import Check


def check_pci(before: Report, after: Report, *, was_reset: bool) -> Iterator[Check]:
    ours, theirs = before.below("pci"), after.below("pci")
    if not ours and not theirs:
        return
    differences = [
        difference
        for address in sorted(ours.keys() | theirs.keys())
        for difference in _function(address, ours.get(address), theirs.get(address), was_reset)
    ]
    yield told("PCI configuration", differences, number(len(ours), "function"))


def _function(
    address: str, before: bytes | None, after: bytes | None, was_reset: bool
) -> Iterator[tuple[str, str, str]]:
    if before is None or after is None:
        yield address, _identity(before), _identity(after)
        return
    if len(before) != len(after):
        yield address, f"{len(before)} bytes", f"{len(after)} bytes"
    for register in changed_registers(before, after, was_reset=was_reset):
        one, other = value(before, register), value(after, register)
        width = 2 + 2 * register.size
        yield f"{address} {register.name}", f"{one:#0{width}x}", f"{other:#0{width}x}"


def _identity(config: bytes | None) -> str:
    if config is None:
        return "absent"
    vendor, device = (int.from_bytes(config[at : at + 2], "little") for at in (0, 2))
    return f"{vendor:04x}:{device:04x}"
