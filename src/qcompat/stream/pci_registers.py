"""Which register a byte of PCI configuration space belongs to, by walking the capability lists.

The names and sizes are data, in pci_registers.toml; this file walks, and knows the capabilities
that say themselves how long they are. All registers are little-endian.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cache

import msgspec

from qcompat.dataset import read_table

STATUS = 0x06
HEADER_TYPE = 0x0E
CAPABILITY_POINTER = 0x34
HEADER_SIZE = 0x40
EXTENDED_START = 0x100

_HAS_CAPABILITIES = 0x10
_VENDOR_CAPABILITY = 0x09
_VIRTIO_VENDOR = 0x1AF4
_MOST = 64  # capabilities in one list; a damaged list may run in a circle


class Capability(msgspec.Struct, frozen=True):
    """One entry of the capability lists: `size` is the bytes from `offset` that QEMU reserves.

    On load QEMU compares all of them except what it knows the guest or the device may change
    (pci_add_capability, hw/pci/pci.c). `size` is 0 where the kind is not known here.
    """

    name: str
    id: int
    offset: int
    size: int
    is_extended: bool = False


class Register(msgspec.Struct, frozen=True):
    """A named register: `offset` in configuration space, `size` in bytes."""

    name: str
    offset: int
    size: int


class _Kind(msgspec.Struct, frozen=True):
    name: str
    size: int = 0
    size_from: str = ""
    registers: tuple[tuple[int, int, str], ...] = ()
    types: dict[str, str] = {}


class _Table(msgspec.Struct, frozen=True):
    header: dict[str, tuple[tuple[int, int, str], ...]]
    capability: dict[str, _Kind]
    extended: dict[str, _Kind]


def capabilities(config: bytes) -> tuple[Capability, ...]:
    """The capabilities of a function, conventional ones first, each in list order.

    `config` is 256 or 4096 bytes; none are found in fewer, which hold only the header.
    """
    return _conventional(config) + _extended(config)


def register_of(config: bytes, offset: int) -> Register:
    """The register that byte `offset` belongs to; a nameless byte is a register of one byte."""
    known = registers(config)
    at = bisect_right(known, offset, key=lambda register: register.offset) - 1
    if at >= 0 and offset < known[at].offset + known[at].size:
        return known[at]
    for capability in capabilities(config):
        if capability.offset <= offset < capability.offset + capability.size:
            return Register(f"{capability.name} + {offset - capability.offset:#x}", offset, 1)
    return Register(f"register {offset:#05x}", offset, 1)


def name_of(config: bytes, offset: int) -> str:
    """The name of the register at `offset`, such as `AER uncorrectable error mask`, `BAR 1`."""
    return register_of(config, offset).name


def registers(config: bytes) -> tuple[Register, ...]:
    """All registers that have a name, by offset."""
    table = _table()
    is_bridge = config[HEADER_TYPE] & 0x7F == 1 if len(config) > HEADER_TYPE else False
    rows = table.header["common"] + table.header["bridge" if is_bridge else "device"]
    found = [Register(name, offset, size) for offset, size, name in rows]
    for capability in capabilities(config):
        found += _registers_of(config, capability)
    return tuple(sorted(found, key=lambda register: register.offset))


def _registers_of(config: bytes, capability: Capability) -> list[Register]:
    start = capability.offset
    head = 4 if capability.is_extended else 2
    found = [Register(f"{capability.name} capability header", start, head)]
    for offset, size, name in _kind(config, capability.id, capability.is_extended).registers:
        if offset < capability.size:
            found.append(Register(f"{capability.name} {name}", start + offset, size))
    if capability.id == 0x05 and not capability.is_extended:
        found += _msi_registers(config, start)
    return found


def _msi_registers(config: bytes, start: int) -> list[Register]:
    """Where data, mask and pending bits are depends on the address' width."""
    has_64bit = _word(config, start + 2) & 0x80
    at = start + (12 if has_64bit else 8)
    found = [Register("MSI message address, upper half", start + 8, 4)] if has_64bit else []
    found.append(Register("MSI message data", at, 2))
    if _word(config, start + 2) & 0x100:
        found += [Register("MSI mask", at + 4, 4), Register("MSI pending", at + 8, 4)]
    return found


def _conventional(config: bytes) -> tuple[Capability, ...]:
    found: list[Capability] = []
    if len(config) < EXTENDED_START or not _word(config, STATUS) & _HAS_CAPABILITIES:
        return ()
    at = config[CAPABILITY_POINTER] & 0xFC
    while at >= HEADER_SIZE and len(found) < _MOST:
        kind = _kind(config, config[at], is_extended=False)
        found.append(Capability(_name(config, at, kind), config[at], at, _size(config, at, kind)))
        at = config[at + 1] & 0xFC
    return tuple(found)


def _extended(config: bytes) -> tuple[Capability, ...]:
    found: list[Capability] = []
    at = EXTENDED_START
    for _ in range(_MOST):
        header = _long(config, at)
        if not EXTENDED_START <= at < len(config) or header in (0, 0xFFFFFFFF):
            break
        if header & 0xFFFF:  # 0 is an empty head that only links on
            found.append(_extended_at(config, at, header & 0xFFFF))
        at = header >> 20 & 0xFFC
    return tuple(found)


def _extended_at(config: bytes, at: int, number: int) -> Capability:
    kind = _kind(config, number, is_extended=True)
    return Capability(kind.name, number, at, _size(config, at, kind), is_extended=True)


def _kind(config: bytes, number: int, is_extended: bool) -> _Kind:
    table = _table()
    key = f"0x{number:02x}"
    if is_extended:
        return table.extended.get(key) or _Kind(f"extended capability {key}")
    if number == _VENDOR_CAPABILITY and _word(config, 0) == _VIRTIO_VENDOR:
        return table.capability["virtio"]
    if number == _VENDOR_CAPABILITY and config[HEADER_TYPE] & 0x7F == 1:
        return table.capability["bridge"]
    return table.capability.get(key) or _Kind(f"capability {key}")


def _name(config: bytes, at: int, kind: _Kind) -> str:
    kind_type = kind.types.get(str(config[at + 3])) if kind.types else None
    return f"{kind.name} {kind_type}" if kind_type else kind.name


def _size(config: bytes, at: int, kind: _Kind) -> int:
    match kind.size_from:
        case "msi":
            control = _word(config, at + 2)
            size = 0x0A + (4 if control & 0x80 else 0)
            return size + 0x0A if control & 0x100 else size
        case "vendor":
            return config[at + 2]
        case "express":
            return 0x3C if config[at + 2] & 0x0F >= 2 else 0x14
        case "vendor_extended":
            return _long(config, at + 4) >> 20
    return kind.size


def _word(config: bytes, at: int) -> int:
    return int.from_bytes(config[at : at + 2], "little")


def _long(config: bytes, at: int) -> int:
    return int.from_bytes(config[at : at + 4], "little")


@cache
def _table() -> _Table:
    return read_table("qcompat.stream", "pci_registers.toml", _Table)
