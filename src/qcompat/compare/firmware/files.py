"""What the build offers to firmware through fw_cfg: ACPI, SMBIOS, the memory map, other files.

Two files have contents that are told apart further (`acpi`, `smbios`); the rest is compared
as bytes. The table loader and the RSDP are left to the tables they point at.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.compare.difference import Difference
from qcompat.compare.firmware.acpi import compare_tables
from qcompat.compare.firmware.change import AcpiChange, SmbiosChange
from qcompat.compare.firmware.smbios import compare_structures
from qcompat.portrait.portrait import FirmwareFile, Portrait

ACPI_TABLES = "etc/acpi/tables"
ACPI_FOLLOWS = frozenset({"etc/table-loader", "etc/acpi/rsdp"})
SMBIOS_TABLES = "etc/smbios/smbios-tables"
SMBIOS_FOLLOWS = frozenset({"etc/smbios/smbios-anchor"})
E820 = "etc/e820"
E820_TYPES = {1: "usable", 2: "reserved", 3: "ACPI", 4: "NVS"}


class MemoryRange(msgspec.Struct, frozen=True, order=True):
    """One entry of the memory map that firmware is given, in bytes."""

    address: int
    length: int
    type: int


class MemoryMapDiffers(Difference[tuple[MemoryRange, ...]], frozen=True, kw_only=True):
    """The memory maps (`etc/e820`) differ; only ranges that the other end lacks are kept."""


class FileDiffers(Difference[FirmwareFile | None], frozen=True, kw_only=True):
    """A firmware file is on one end only or has other contents."""

    name: str


FirmwareDifference = AcpiChange | SmbiosChange | MemoryMapDiffers | FileDiffers

_MOST_E820 = 20 * 4096
"""Bytes; real maps have some ten entries, and the size in a file made up is any number."""


def compare_firmware(source: Portrait, target: Portrait) -> Iterator[FirmwareDifference]:
    ours = {file.name: file for file in source.firmware}
    theirs = {file.name: file for file in target.firmware}
    if not ours or not theirs:
        return
    for name in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(name), theirs.get(name)
        if one is None or other is None:
            yield FileDiffers(name=name, source=one, target=other)
        elif (one.size, one.sha256) != (other.size, other.sha256):
            yield from _contents(one, other)


def _contents(one: FirmwareFile, other: FirmwareFile) -> Iterator[FirmwareDifference]:
    if one.name == ACPI_TABLES:
        yield from compare_tables(one.data, other.data)
    elif one.name == SMBIOS_TABLES:
        yield from compare_structures(one.data, other.data)
    elif one.name == E820:
        yield from _memory_map(_ranges(one), _ranges(other))
    elif one.name not in ACPI_FOLLOWS | SMBIOS_FOLLOWS:
        yield FileDiffers(name=one.name, source=one, target=other)


def _memory_map(
    ours: tuple[MemoryRange, ...], theirs: tuple[MemoryRange, ...]
) -> Iterator[MemoryMapDiffers]:
    only_ours = tuple(sorted(set(ours) - set(theirs)))
    only_theirs = tuple(sorted(set(theirs) - set(ours)))
    if only_ours or only_theirs:
        yield MemoryMapDiffers(source=only_ours, target=only_theirs)


def _ranges(file: FirmwareFile) -> tuple[MemoryRange, ...]:
    """Entries of 20 bytes: address 8, length 8, type 4 (QEMU hw/i386/e820_memory_layout.h)."""
    data = file.data.ljust(min(file.size, _MOST_E820), b"\0")
    return tuple(
        MemoryRange(
            int.from_bytes(data[i : i + 8], "little"),
            int.from_bytes(data[i + 8 : i + 16], "little"),
            int.from_bytes(data[i + 16 : i + 20], "little"),
        )
        for i in range(0, len(data) - 19, 20)
    )
