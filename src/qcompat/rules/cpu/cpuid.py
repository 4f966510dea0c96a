"""CPUID registers and the properties that stand for their bits (`cpuid.toml`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import msgspec

from qcompat.arch.architecture import cpu_model
from qcompat.compare.cpu import FeatureWordDiffers
from qcompat.dataset import read_table
from qcompat.portrait.portrait import Cpu
from qcompat.rules.finding import Evidence

Key = tuple[int, int | None, str]


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One register; see the head of `cpuid.toml`."""

    eax: int
    register: str
    ecx: int | None = None
    names: Mapping[str, str] = {}
    derived: tuple[int, ...] = ()


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `cpuid.toml`."""

    word: tuple[Word, ...]


@cache
def words() -> Mapping[Key, Word]:
    return {
        (w.eax, w.ecx, w.register): w
        for w in read_table("qcompat.rules", "cpu/cpuid.toml", Words).word
    }


def changed_bits(difference: FeatureWordDiffers) -> tuple[int, int]:
    """(bits lost, bits gained), without those that follow from the number of processors."""
    word = words().get(_key(difference))
    derived = sum(1 << bit for bit in word.derived) if word else 0
    one, other = difference.source & ~derived, difference.target & ~derived
    return one & ~other, other & ~one


def named(difference: FeatureWordDiffers, bits: int) -> tuple[str, ...]:
    """The properties of these bits; `CPUID[0x7,0].EBX bit 9` for a bit without a name."""
    word = words().get(_key(difference))
    known = word.names if word else {}
    numbers = [bit for bit in range(bits.bit_length()) if bits >> bit & 1]
    return tuple(known.get(str(n)) or f"{called(difference)} bit {n}" for n in numbers)


def setting(cpu: Cpu | None, names: Iterable[str], value: str) -> str | None:
    """The `-cpu` argument that gives these properties `value`; None where that changes nothing.

    A property that the build does not know cannot be set, and one that is asked for already
    and not there all the same was taken away by the host.
    """
    if cpu is None:
        return None
    other = "false" if value == "on" else "true"
    known = [name for name in names if cpu.properties.get(name) == other]
    if not known:
        return None
    return ",".join([f"-cpu {cpu_model(cpu.type)}", *(f"{name}={value}" for name in known)])


def called(difference: FeatureWordDiffers) -> str:
    """`CPUID[0x7,0].EBX`."""
    subleaf = "" if difference.ecx is None else f",{difference.ecx}"
    return f"CPUID[{difference.eax:#x}{subleaf}].{difference.register.upper()}"


def evidence_of(differences: Iterable[FeatureWordDiffers]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(called(each), f"{each.source:#010x}", f"{each.target:#010x}")
        for each in differences
    )


def _key(difference: FeatureWordDiffers) -> Key:
    return (difference.eax, difference.ecx, difference.register.upper())
