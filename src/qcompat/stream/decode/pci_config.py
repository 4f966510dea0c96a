"""PCI configuration space: registers and capabilities by name, their bits, the base addresses.

Which registers there are is known to `stream.pci_registers`; what their bits say is data, in
pci_bits.toml. All registers are little-endian, unlike the rest of a stream.
"""

from __future__ import annotations

from functools import cache

import msgspec

from qcompat.stream.decode.formatting import bit_fields
from qcompat.stream.decode.pieces import Pieces
from qcompat.stream.decode.tables import read_table
from qcompat.stream.pci_registers import Capability, capabilities, registers

CONFIG_SIZES = (256, 4096)

_WIDEST = 8
_EXPANSION_ROM_ENABLED = 0x1
_MEMORY_TYPES = {0: "32-bit memory", 1: "memory below 1 MiB", 2: "64-bit memory"}


class _Register(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`numbers` are (lowest bit, width, name, what to add); `values` names whole values."""

    flags: dict[int, str] = {}
    numbers: tuple[tuple[int, int, str, int], ...] = ()
    values: tuple[tuple[int, str], ...] = ()


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    register: dict[str, _Register]


def decode_config(pieces: Pieces) -> str:
    """Configuration space of 256 or 4096 bytes; returns what device it is of."""
    config = pieces.data[pieces.at :]
    if len(config) not in CONFIG_SIZES:
        raise pieces.error(f"configuration space of {len(config)} bytes, expected 256 or 4096")
    add_config(pieces, config)
    return identity(config)


def identity(config: bytes) -> str:
    """Vendor and device number, `1af4:1042`."""
    vendor, device = (int.from_bytes(config[at : at + 2], "little") for at in (0, 2))
    return f"{vendor:04x}:{device:04x}"


def add_config(pieces: Pieces, config: bytes) -> None:
    """Cut the next `len(config)` bytes, which are `config`, into registers."""
    start = pieces.at
    listed = capabilities(config)
    known = registers(config)
    ends = [each.offset for each in known[1:]] + [len(config)]
    for register, end in zip(known, ends, strict=True):
        at = pieces.at - start
        # Capabilities may overlap, in QEMU too: e1000e lays DSN over the end of AER.
        size = min(register.size, end - register.offset, len(config) - register.offset)
        if register.offset < at or size <= 0:
            continue
        _add_gap(pieces, start, register.offset - at, listed)
        _add_register(pieces, register.name, register.size, size)
    _add_gap(pieces, start, len(config) - (pieces.at - start), listed)


def _add_register(pieces: Pieces, name: str, whole: int, size: int) -> None:
    if size > _WIDEST or size < whole:
        pieces.plain(name, size, "register")
        return
    pieces.number(name, size, "little", lambda value: _meaning(name, value))


def _add_gap(pieces: Pieces, start: int, size: int, listed: tuple[Capability, ...]) -> None:
    """Bytes that no register has: a device's own registers, as far as they are not zero."""
    data = pieces.data[pieces.at : pieces.at + size]
    used = (len(data.rstrip(b"\0")) + 3) & ~3
    for part in (min(used, size), size - min(used, size)):
        name = _gap_name(pieces.at - start, listed)
        if any(pieces.data[pieces.at : pieces.at + part]):
            pieces.opaque(name, part, "registers without a name here")
        else:
            pieces.unused(name, part)


def _gap_name(offset: int, listed: tuple[Capability, ...]) -> str:
    for each in listed:
        if each.offset <= offset < each.offset + each.size:
            return f"{each.name} + {offset - each.offset:#x}"
    return f"{offset:#05x}"


def _meaning(name: str, value: int) -> str:
    if name.startswith("BAR ") and name[4:].isdigit():
        return _base_address(value)
    if name == "expansion ROM":
        return f"{value & ~0x7FF:#x}" + (", enabled" if value & _EXPANSION_ROM_ENABLED else "")
    if name.endswith("offset and BAR"):
        return f"{value & ~0x7:#x} in BAR {value & 0x7}"
    if name.endswith("capability header"):
        return _capability_header(value)
    known = _table().get(name)
    return _described(known, value) if known else ""


def _base_address(value: int) -> str:
    if value & 1:
        return f"I/O at {value & ~0x3:#x}"
    kind = _MEMORY_TYPES.get(value >> 1 & 3, "memory")
    prefetchable = ", prefetchable" if value & 8 else ""
    return f"{kind} at {value & ~0xF:#x}{prefetchable}" if value else "unset"


def _capability_header(value: int) -> str:
    if value > 0xFFFF:  # an extended one: number, version, next
        return f"version {value >> 16 & 0xF}, next {value >> 20:#x}"
    return f"next {value >> 8:#x}" if value >> 8 else "the last"


def _described(known: _Register, value: int) -> str:
    if known.values:
        return dict(known.values).get(value, "")
    return bit_fields(value, known.numbers, known.flags)


@cache
def _table() -> dict[str, _Register]:
    return read_table("pci_bits.toml", _Table).register
