"""Processors: their number and type, CPUID feature words and the properties behind them."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.difference import Difference
from qcompat.portrait.portrait import Cpu, FeatureWord, Portrait

WordKey = tuple[int, int | None, str]


class CpuTypeDiffers(Difference[str], frozen=True, kw_only=True):
    """The processors are of different QOM types."""


class CpuCountDiffers(Difference[int], frozen=True, kw_only=True):
    """The number of processors differs."""


class FeatureWordDiffers(Difference[int], frozen=True, kw_only=True):
    """A CPUID register of feature bits differs; a word that an end lacks counts as zero."""

    eax: int
    ecx: int | None
    register: str


class CpuPropertyDiffers(Difference[str | None], frozen=True, kw_only=True):
    """A property of the first processor differs; None where the type has no such property."""

    name: str


CpuDifference = CpuTypeDiffers | CpuCountDiffers | FeatureWordDiffers | CpuPropertyDiffers


def compare_cpus(source: Portrait, target: Portrait) -> Iterator[CpuDifference]:
    one, other = source.cpu, target.cpu
    if one is None or other is None or one == other:
        return
    if one.type != other.type:
        yield CpuTypeDiffers(source=one.type, target=other.type)
    if one.count != other.count:
        yield CpuCountDiffers(source=one.count, target=other.count)
    yield from _words(one, other)
    yield from _properties(one, other)


def _words(one: Cpu, other: Cpu) -> Iterator[FeatureWordDiffers]:
    ours, theirs = _by_register(one.words), _by_register(other.words)
    for key in sorted(ours.keys() | theirs.keys(), key=_order):
        before, after = ours.get(key, 0), theirs.get(key, 0)
        if before != after:
            eax, ecx, register = key
            yield FeatureWordDiffers(
                eax=eax, ecx=ecx, register=register, source=before, target=after
            )


def _properties(one: Cpu, other: Cpu) -> Iterator[CpuPropertyDiffers]:
    for name in sorted(one.properties.keys() | other.properties.keys()):
        before, after = one.properties.get(name), other.properties.get(name)
        if before != after:
            yield CpuPropertyDiffers(name=name, source=before, target=after)


def _by_register(words: tuple[FeatureWord, ...]) -> dict[WordKey, int]:
    return {(word.eax, word.ecx, word.register): word.value for word in words}


def _order(key: WordKey) -> tuple[int, int, str]:
    eax, ecx, register = key
    return (eax, -1 if ecx is None else ecx, register)
