"""Firmware tables as the guest's kernel has them: ACPI and DMI (SMBIOS).

What no operating system binds to is no change (`rules/firmware/noticed.toml`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qcompat.compare.firmware.acpi import compare_tables, split_tables
from qcompat.compare.firmware.change import Change
from qcompat.compare.firmware.smbios import compare_structures, split_structures
from qcompat.rules.firmware.noticed import weight_of
from qcompat.trial.live.agent.messages import GuestReport
from qcompat.trial.live.checks.summary import count, summarise
from qcompat.trial.trial import Check

# The guest and firmware share FACS's lock. Offset and size, from ACPI 6.5, 5.2.10.
_UNSTEADY = {b"FACS": ((12, 4), (16, 4))}


def check_tables(before: GuestReport, after: GuestReport) -> Iterator[Check]:
    ours, theirs = _acpi(before), _acpi(after)
    if ours or theirs:
        tables = compare_tables(ours, theirs)
        yield summarise("ACPI tables", _noticed(tables), count(len(split_tables(ours)), "table"))
    one, other = before.files.get("dmi/DMI", b""), after.files.get("dmi/DMI", b"")
    if one or other:
        fields = compare_structures(one, other)
        every = count(len(split_structures(one)), "structure")
        yield summarise("DMI tables", _noticed(fields), every)


def _acpi(report: GuestReport) -> bytes:
    return b"".join(_steady(data) for data in report.below("acpi").values() if data)


def _steady(table: bytes) -> bytes:
    steady = bytearray(table)
    for offset, size in _UNSTEADY.get(table[:4], ()):
        kept = min(size, max(0, len(steady) - offset))
        steady[offset : offset + kept] = bytes(kept)
    return bytes(steady)


def _noticed(changes: Iterable[Change]) -> list[tuple[str, str, str]]:
    return [
        (each.where, each.source or "absent", each.target or "absent")
        for each in changes
        if weight_of(each.kind) != "note"
    ]
