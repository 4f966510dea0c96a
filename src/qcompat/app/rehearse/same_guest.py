"""Whether a running guest is what its paused twin is: the same devices, processors, memory.

A twin that lacks what was plugged in would have every target refuse the guest, and one that still
has what was unplugged would hide that a target's start must leave it out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from qcompat.portrait.portrait import MemoryBlock, Portrait
from qcompat.portrait.running.observed import Observed


def more_and_fewer(observed: Observed, twin: Portrait) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the running guest has and its twin has not, and the reverse, in words.

    Devices that no twin can have are left out of it (`Uncovered.device`); what could not be asked
    of either is not compared.
    """
    here: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for seen, shown in _pairs(observed, twin):
        if seen and shown:
            here.update(seen)
            there.update(shown)
    for part in twin.guest.uncovered:
        del here[part.device], there[part.device]
    return tuple(sorted(here - there)), tuple(sorted(there - here))


def _pairs(observed: Observed, twin: Portrait) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    yield [device.type for device in observed.devices], [device.type for device in twin.devices]
    twin_count = twin.cpu.count if twin.cpu else 0
    yield ["a processor"] * observed.cpu_count, ["a processor"] * twin_count
    if not any(part.device for part in twin.guest.uncovered):  # what is left out has its own
        yield [_memory(block) for block in observed.memory], [_memory(b) for b in twin.memory]


def _memory(block: MemoryBlock) -> str:
    return f"memory {block.name}"
