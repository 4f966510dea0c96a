"""Differing registers of PCI configuration space, by name and with both values."""

from __future__ import annotations

from qcompat.rules.finding import Evidence
from qcompat.rules.pci.bits import common, places, unequal
from qcompat.stream.pci_registers import Register, register_of


def differing(source: bytes, target: bytes, bits: bytes) -> tuple[Register, ...]:
    """The registers in which the two differ within `bits`, by offset.

    Named as the target lays out its capabilities; where it has none, as the source does.
    """
    found: dict[int, Register] = {}
    for at in places(common(unequal(source, target), bits)):
        register = register_of(target, at)
        if register.name.startswith("register "):
            register = register_of(source, at)
        found.setdefault(register.offset, register)
    return tuple(found[offset] for offset in sorted(found))


def evidence_of(
    registers: tuple[Register, ...], source: bytes, target: bytes
) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            f"PCI {register.name} (offset {register.offset:#x})",
            _value(source, register),
            _value(target, register),
        )
        for register in registers
    )


def _value(config: bytes, register: Register) -> str:
    data = config[register.offset : register.offset + register.size]
    return f"{int.from_bytes(data, 'little'):#0{2 + 2 * register.size}x}"


def identity(config: bytes) -> str:
    """`1af4:1042 class 010000`, as lspci writes ids."""
    vendor, device = (int.from_bytes(config[at : at + 2], "little") for at in (0, 2))
    return f"{vendor:04x}:{device:04x} class {int.from_bytes(config[9:12], 'little'):06x}"
