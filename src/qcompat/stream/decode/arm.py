"""Arm system registers: which one a value in `cpreg_vmstate_values` is of.

QEMU sends the values and, in the same order, KVM's numbers for the registers
(write_list_to_cpustate in target/arm/helper.c, cpreg_to_kvm_id in target/arm/cpregs.h or cpu.h;
5.2 to 10.2).
"""

from __future__ import annotations

from functools import cache

import msgspec

from qcompat.stream.decode.field import Field
from qcompat.stream.decode.tables import read_table

_INDICES = "cpreg_vmstate_indexes"
_VALUES = "cpreg_vmstate_values"

_AARCH64 = 0x6000000000000000
_ARCHITECTURES = 0xF000000000000000
_SYSTEM_REGISTER = 0x0013
_COPROCESSORS = (14, 15)  # debug, system control


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: dict[str, str]


def with_system_registers(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """The fields of an Arm processor, with the values of system registers by name."""
    indices = next((each.value for each in fields if each.path == _INDICES), None)
    if not isinstance(indices, tuple):
        return fields
    numbers = tuple(each for each in indices if isinstance(each, int))
    return tuple(_named(each, numbers) if each.path == _VALUES else each for each in fields)


def register_name(index: int) -> str:
    """The name of a register by KVM's number for it, or how it is encoded."""
    coprocessor = index >> 16 & 0xFFF
    if index & _ARCHITECTURES == _AARCH64 and coprocessor == _SYSTEM_REGISTER:
        parts = (index >> 14 & 3, index >> 11 & 7, index >> 7 & 15, index >> 3 & 15, index & 7)
        known = _names().get(" ".join(map(str, parts)))
        return known or "S{}_{}_C{}_C{}_{}".format(*parts)
    if coprocessor in _COPROCESSORS:
        opc1, crn, crm, opc2 = index >> 3 & 7, index >> 11 & 15, index >> 7 & 15, index & 7
        return f"p{coprocessor} {opc1} c{crn} c{crm} {opc2}"
    return f"register {index:#x}"


def _named(values: Field, indices: tuple[int, ...]) -> Field:
    found = values.value
    if not isinstance(found, tuple) or len(found) != len(indices):
        return values
    parts = tuple(
        Field(
            register_name(index), values.type, values.offset + at * values.size, values.size,
            1, one, f"{one:#x}" if isinstance(one, int) else "",
        )
        for at, (index, one) in enumerate(zip(indices, found, strict=True))
    )  # fmt: skip
    return msgspec.structs.replace(values, parts=parts)


@cache
def _names() -> dict[str, str]:
    return read_table("arm_registers.toml", _Table).names
