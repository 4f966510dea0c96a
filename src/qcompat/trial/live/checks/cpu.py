"""The processor: what the CPUID instruction answers, and what the kernel makes of it.

The kernel's own list (/proc/cpuinfo) is made at boot, so after a hop only CPUID itself shows
what has become of the processor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qcompat.compare.cpu import FeatureWordDiffers
from qcompat.rules.cpu.cpuid import called, changed_bits, named, words
from qcompat.trial.live.agent.messages import GuestReport
from qcompat.trial.live.checks.summary import count, summarise
from qcompat.trial.trial import Check

Key = tuple[int, int | None, str]
_REGISTERS = ("EAX", "EBX", "ECX", "EDX")
_LEAF = 16
# What a kernel measures at each boot.
_MEASURED = ("cpu MHz", "bogomips")


def check_cpu(before: GuestReport, after: GuestReport) -> Iterator[Check]:
    ours, theirs = _registers(before), _registers(after)
    if ours and theirs:
        differences = [
            difference
            for key in sorted(ours.keys() | theirs.keys(), key=str)
            for difference in _register(key, ours.get(key, 0), theirs.get(key, 0))
        ]
        yield summarise("CPUID", differences, f"{len(ours) // len(_REGISTERS)} leaves")
    lines = [
        (place, one, other)
        for place, one, other in _lines(_kernel(before), _kernel(after))
        if one != other
    ]
    yield summarise("processors", lines, count(_count(before), "processor"))


def _registers(report: GuestReport) -> dict[Key, int]:
    """Every register of every leaf that the processor says it has."""
    found: dict[Key, int] = {}
    for name, data in report.below("cpu").items():
        if name == "cpuinfo":
            continue
        first, _, subleaf = name.partition(".")
        for at in range(0, len(data) - _LEAF + 1, _LEAF):
            leaf = int(first, 16) + at // _LEAF
            if subleaf or leaf <= _highest(data):
                found |= _leaf(leaf, int(subleaf or 0), data[at : at + _LEAF])
    return found


def _highest(data: bytes) -> int:
    """The first leaf of a range tells its last one; a range that is not there tells 0."""
    return int.from_bytes(data[:4], "little")


def _leaf(leaf: int, subleaf: int, data: bytes) -> Mapping[Key, int]:
    values = (int.from_bytes(data[at : at + 4], "little") for at in range(0, _LEAF, 4))
    found = dict(zip(_REGISTERS, values, strict=True))
    return {_key(leaf, subleaf, register): value for register, value in found.items()}


def _key(leaf: int, subleaf: int, register: str) -> Key:
    """As feature words are known: without a subleaf where the leaf has none."""
    plain: Key = (leaf, None, register)
    return plain if plain in words() else (leaf, subleaf, register)


def _register(key: Key, before: int, after: int) -> Iterator[tuple[str, str, str]]:
    if before == after:
        return
    leaf, subleaf, register = key
    word = FeatureWordDiffers(eax=leaf, ecx=subleaf, register=register, source=before, target=after)
    if key not in words():
        yield called(word), f"{before:#x}", f"{after:#x}"
        return
    lost, gained = changed_bits(word)
    for bits, one, other in ((lost, "on", "off"), (gained, "off", "on")):
        for name in named(word, bits):
            yield name, one, other


def _kernel(report: GuestReport) -> dict[str, str]:
    """The first processor's block of /proc/cpuinfo, what is measured left out, and the count."""
    block = report.text("cpu/cpuinfo").partition("\n\n")[0]
    pairs = (line.partition(":") for line in block.splitlines())
    found = {key.strip(): value.strip() for key, _, value in pairs}
    kept = {key: value for key, value in found.items() if key not in _MEASURED}
    return kept | {"number": str(_count(report))}


def _count(report: GuestReport) -> int:
    lines = report.text("cpu/cpuinfo").splitlines()
    return sum(1 for line in lines if line.startswith("processor"))


def _lines(ours: dict[str, str], theirs: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    for key in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(key, ""), theirs.get(key, "")
        if key == "flags":
            one, other = _only(one, other), _only(other, one)
        yield key, one, other


def _only(flags: str, others: str) -> str:
    """The flags that the other end lacks."""
    return " ".join(flag for flag in flags.split() if flag not in others.split())
