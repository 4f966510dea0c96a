"""Firmware tables as the guest's kernel has them: ACPI and DMI (SMBIOS)."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.firmware.acpi import Table, compare_tables, first_difference, split_tables
from qcompat.compare.firmware.smbios import (
    Structure,
    StructureDiffers,
    compare_structures,
    split_structures,
)
from qcompat.trial.live.agent.messages import GuestReport
from qcompat.trial.live.checks.summary import count, summarise
from qcompat.trial.trial import Check

_HANDLE_END = 4
"""Where a structure's own data begin: type, length and handle come first (DSP0134, 6.1.2)."""
# Addresses of other tables move with the tables' sizes; the guest and firmware share FACS's
# lock. Offset and size, from ACPI 6.5, 5.2.9 (FADT) and 5.2.10 (FACS).
_UNSTEADY = {
    b"FACP": ((36, 4), (40, 4), (132, 8), (140, 8)),
    b"FACS": ((12, 4), (16, 4)),
}


def check_tables(before: GuestReport, after: GuestReport) -> Iterator[Check]:
    ours, theirs = _acpi(before), _acpi(after)
    if ours or theirs:
        tables = [
            (each.label, _table(each.source), _table(each.target, each.offset))
            for each in compare_tables(ours, theirs)
        ]
        yield summarise("ACPI tables", tables, count(len(split_tables(ours)), "table"))
    one, other = before.files.get("dmi/DMI", b""), after.files.get("dmi/DMI", b"")
    if one or other:
        structures = [_structures(each) for each in compare_structures(one, other)]
        yield summarise("DMI tables", structures, count(len(split_structures(one)), "structure"))


def _acpi(report: GuestReport) -> bytes:
    return b"".join(_steady(data) for data in report.below("acpi").values() if data)


def _steady(table: bytes) -> bytes:
    steady = bytearray(table)
    for offset, size in _UNSTEADY.get(table[:4], ()):
        kept = min(size, max(0, len(steady) - offset))
        steady[offset : offset + kept] = bytes(kept)
    return bytes(steady)


def _table(table: Table | None, offset: int | None = None) -> str:
    if table is None:
        return "absent"
    where = f", other from byte {offset:#x} on" if offset else ""
    return f"{len(table.data)} bytes{where}"


def _structures(difference: StructureDiffers) -> tuple[str, str, str]:
    """Where two structures differ, by their first byte or by their strings."""
    place = f"type {difference.type}"
    one, other = difference.source, difference.target
    if one is None or other is None:
        return place, _presence(one), _presence(other)
    if one.strings != other.strings:
        return place, " / ".join(one.strings), " / ".join(other.strings)
    ours, theirs = one.body[_HANDLE_END:], other.body[_HANDLE_END:]
    at = first_difference(ours, theirs)
    named = f"{place} ({', '.join(one.strings[:1])}) byte {at + _HANDLE_END:#x}"
    return named, _byte(ours, at), _byte(theirs, at)


def _presence(structure: Structure | None) -> str:
    return "absent" if structure is None else "present"


def _byte(data: bytes, at: int) -> str:
    return f"{data[at]:#04x}" if at < len(data) else "absent"
