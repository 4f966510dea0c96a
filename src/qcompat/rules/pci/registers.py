"""Registers of PCI configuration space that differ, by name and with both values.

Bits of byte strings are taken as whole numbers: 4 KiB of registers in microseconds. A shorter
operand counts as continued with zeros; results have the length of the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qcompat.rules.finding import Evidence
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


_SET = re.compile(rb"[^\0]")


def inverted(bits: bytes) -> bytes:
    """Every bit turned round."""
    length = len(bits)
    return (~_number(bits) & ((1 << 8 * length) - 1)).to_bytes(length, "little")


def without(bits: bytes, gone: bytes) -> bytes:
    """The bits that are not in `gone`."""
    return (_number(bits) & ~_number(gone)).to_bytes(len(bits), "little")


def unequal(one: bytes, other: bytes) -> bytes:
    """The bits in which two strings differ, as far as the shorter one goes."""
    length = min(len(one), len(other))
    return (_number(one[:length]) ^ _number(other[:length])).to_bytes(length, "little")


def common(one: bytes, other: bytes) -> bytes:
    """The bits that both have, as far as the shorter one goes."""
    length = min(len(one), len(other))
    return (_number(one[:length]) & _number(other[:length])).to_bytes(length, "little")


def places(bits: bytes) -> Iterator[int]:
    """The offsets of the bytes that have a bit set."""
    return (match.start() for match in _SET.finditer(bits))


def _number(bits: bytes) -> int:
    return int.from_bytes(bits, "little")
