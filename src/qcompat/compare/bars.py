"""Base address registers of a PCI function, told from the measured write mask.

The address bits that can be written give the size, the low bits that cannot give the kind
(PCI Local Bus 3.0, 6.2.5). The expansion ROM counts as register 6.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.portrait.portrait import Bar, PciFunction

HEADER_TYPE = 0x0E
FIRST, ROM_OF_DEVICE, ROM_OF_BRIDGE = 0x10, 0x30, 0x38
ROM = 6
_IO, _64BIT, _PREFETCH = 0x1, 0x4, 0x8


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
