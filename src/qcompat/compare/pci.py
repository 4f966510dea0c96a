"""PCI: which functions exist, what their configuration space holds, how large their BARs are.

Configuration space is compared twice: as the stream carries it (`ConfigDiffers`, found while
a section is compared) because that is what the target checks and takes over, and as the guest
reads it (`ReadDiffers`), because some registers are not answered from what is stored.

The measured write mask tells the base address registers: the address bits that can be written
give the size, the low bits that cannot give the kind (PCI Local Bus 3.0, 6.2.5). The expansion ROM
counts as register 6.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.difference import Difference
from qcompat.portrait.portrait import Bar, PciFunction, Portrait

HEADER_TYPE = 0x0E
FIRST, ROM_OF_DEVICE, ROM_OF_BRIDGE = 0x10, 0x30, 0x38
ROM = 6
_IO, _64BIT, _PREFETCH = 0x1, 0x4, 0x8


class FunctionOneSided(Difference[PciFunction | None], frozen=True, kw_only=True):
    """A PCI function that only one end has."""

    address: str


class ConfigDiffers(Difference[bytes], frozen=True, kw_only=True):
    """The configuration space in the streams differs, in bytes or in length (256 or 4096)."""

    address: str
    idstr: str


class ReadDiffers(Difference[bytes], frozen=True, kw_only=True):
    """The configuration space as the guest reads it differs."""

    address: str


class BarDiffers(Difference[Bar | None], frozen=True, kw_only=True):
    """A base address register is on one end only, or has another kind or size."""

    address: str
    index: int


PciDifference = FunctionOneSided | ReadDiffers | BarDiffers


def compare_pci(source: Portrait, target: Portrait) -> Iterator[PciDifference]:
    ours = {function.address: function for function in source.pci}
    theirs = {function.address: function for function in target.pci}
    if not ours or not theirs:
        return
    for address in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(address), theirs.get(address)
        if one is None or other is None:
            yield FunctionOneSided(address=address, source=one, target=other)
            continue
        if one.config != other.config:
            yield ReadDiffers(address=address, source=one.config, target=other.config)
        if one != other:
            yield from _bars(one, other)


def _bars(one: PciFunction, other: PciFunction) -> Iterator[BarDiffers]:
    ours, theirs = bars_of(one), bars_of(other)
    if ours is None or theirs is None:
        return
    before, after = {bar.index: bar for bar in ours}, {bar.index: bar for bar in theirs}
    for index in sorted(before.keys() | after.keys()):
        if before.get(index) != after.get(index):
            yield BarDiffers(
                address=one.address,
                index=index,
                source=before.get(index),
                target=after.get(index),
            )


def bars_of(function: PciFunction) -> tuple[Bar, ...] | None:
    """The registers in use, or None where the write mask was not measured."""
    if function.bars:
        return function.bars
    if not function.writable or len(function.config) <= HEADER_TYPE:
        return None
    return tuple(_measured(function))


def _measured(function: PciFunction) -> Iterator[Bar]:
    is_bridge = function.config[HEADER_TYPE] & 0x7F == 1
    index, last = 0, 2 if is_bridge else 6
    while index < last:
        at = FIRST + 4 * index
        kind, mask = _long(function.config, at), _long(function.writable, at)
        is_wide = not kind & _IO and bool(kind & _64BIT) and index + 1 < last
        if is_wide:
            mask |= _long(function.writable, at + 4) << 32
        if mask:
            yield Bar(index, _kind(kind), _size(mask, kind))
        index += 2 if is_wide else 1
    rom = _long(function.writable, ROM_OF_BRIDGE if is_bridge else ROM_OF_DEVICE) & ~0x7FF
    if rom:
        yield Bar(ROM, "rom", rom & -rom)


def _size(mask: int, kind: int) -> int:
    address = mask & ~(0x3 if kind & _IO else 0xF)
    return address & -address


def _kind(low: int) -> str:
    if low & _IO:
        return "io"
    return ("mem64" if low & _64BIT else "mem32") + ("-prefetch" if low & _PREFETCH else "")


def _long(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")
