"""Arm's system registers as a migration stream numbers them: their names, and what a target takes.

The numbers are those of KVM (Documentation/virt/kvm/api.rst, 4.68 KVM_SET_ONE_REG): the encoding of
the instruction that reaches the register. `arm_registers.toml` has QEMU's names for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal

import msgspec

from qcompat.compare.stream.registers import Registers, RegistersDiffer
from qcompat.dataset import read_table
from qcompat.portrait.portrait import Portrait
from qcompat.rules.finding import Evidence

Kept = Literal["yes", "no", "part"]
_TOLERANT = "tolerate_cpreg_only_in_incoming_stream"
_AARCH64 = 0x6030000000130000
_MASK = 0xFFFFFFFFFFFF0000
_SECURE_BANK = 1 << 29
_WIDE = 0x0010000000000000


class ArmRegisters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `arm_registers.toml`; see its head. Keys are numbers in hexadecimal."""

    tolerated: tuple[str, ...]
    names: Mapping[str, str]
    kept: Mapping[str, Kept]


@cache
def table() -> ArmRegisters:
    return read_table("qcompat.rules", "cpu/arm_registers.toml", ArmRegisters)


def spelled(index: int) -> str:
    """A number as the table has it."""
    return f"{index:016x}"


def name_of(index: int) -> str:
    """`ID_AA64ISAR0_EL1 (S3_0_C0_C6_0)`; without a name the encoding alone."""
    encoding, name = _encoding(index), table().names.get(spelled(index))
    return f"{name} ({encoding})" if name else encoding


def _encoding(index: int) -> str:
    """As assemblers spell it: S<op0>_<op1>_C<n>_C<m>_<op2>, or p<cp> <opc1> c<n> c<m> <opc2>."""
    low = index & 0xFFFF
    if index & _MASK == _AARCH64:
        return f"S{low >> 14}_{low >> 11 & 7}_C{low >> 7 & 15}_C{low >> 3 & 15}_{low & 7}"
    if index >> 60 != 4:
        return f"{index:#x}"
    coprocessor = index >> 16 & 0xFFF
    if index & _WIDE:
        return f"p{coprocessor} {low >> 3 & 15} c{low >> 7 & 15}"
    return f"p{coprocessor} {low >> 3 & 15} c{low >> 11 & 15} c{low >> 7 & 15} {low & 7}"


def is_tolerant(target: Portrait) -> bool:
    """Whether the build has a list of exceptions (since 11.1)."""
    return _TOLERANT in target.facts.names


def refused_by(target: Portrait, sent: Registers, own: Registers) -> tuple[int, ...]:
    """The registers that the target refuses, since it does not have them.

    Up to 10.2 it goes through both lists side by side and ends with its own: what comes behind its
    last one is not looked at (target/arm/machine.c, cpu_post_load). Later builds look at each, and
    tolerate some (`tolerated`).
    """
    missing = [index for index in sent.values if index not in own.values]
    if is_tolerant(target):
        return tuple(index for index in missing if spelled(index) not in table().tolerated)
    last = max(own.values, default=0)
    return tuple(index for index in missing if index < last)


def unequal(sent: Registers, own: Registers) -> tuple[int, ...]:
    """The registers of both ends that have different values when the twins are saved."""
    return tuple(i for i, value in sent.values.items() if own.values.get(i, value) != value)


def keeps_its_value(index: int) -> Kept | None:
    """Whether a target keeps its own value and refuses another; None where it is not known."""
    return table().kept.get(spelled(index))


def evidence_of(difference: RegistersDiffer, indexes: Iterable[int]) -> tuple[Evidence, ...]:
    """The values of registers on both ends; None where an end does not have one."""
    ends = difference.source.values, difference.target.values
    return tuple(
        Evidence(f"system register {name_of(index)}", *(_value(end, index) for end in ends))
        for index in indexes
    )


def _value(values: Mapping[int, int], index: int) -> str | None:
    return f"{values[index]:#x}" if index in values else None
