"""Where a build's memory map has what a portrait needs, read from `info mtree -f`.

    FlatView #0
     AS "memory", root: system
     Root memory region: system
      0000000009020010-0000000009020017 (prio 0, i/o): fwcfg.dma
      0000000040000000-0000000047ffffff (prio 0, ram): mach-virt.ram KVM
      0000004010000000-000000401fffffff (prio 0, i/o): pcie-mmcfg-mmio

Addresses follow from the machine type, from the guest's memory and from what is switched on
(hw/arm/virt.c, virt_set_memmap), so the build is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

_VIEW = re.compile(r"^FlatView #\d+\r?$", re.M)
_OF_MEMORY = re.compile(r'^ *AS "memory", root: ', re.M)
_RANGE = re.compile(r"^ *([0-9a-f]{16})-([0-9a-f]{16}) \(prio -?\d+, ([\w/]+)\): (\S+)", re.M)


class MappedRange(msgspec.Struct, frozen=True):
    """A range of addresses of the processors, of `size` bytes, and the region behind it."""

    start: int
    size: int
    kind: str
    region: str


def read_memory_map(text: str) -> tuple[MappedRange, ...]:
    """The ranges of the address space `memory`; none where the answer has another form."""
    views = (view for view in _VIEW.split(text) if _OF_MEMORY.search(view))
    return tuple(_ranges(next(views, "")))


def start_of(ranges: tuple[MappedRange, ...], region: str) -> int | None:
    """Where a region starts; None where it is not mapped."""
    return next((each.start for each in ranges if each.region == region), None)


def main_memory(ranges: tuple[MappedRange, ...]) -> int | None:
    """Where the largest range of guest memory starts; None where there is none."""
    memory = [each for each in ranges if each.kind == "ram"]
    return max(memory, key=lambda each: each.size).start if memory else None


def _ranges(view: str) -> Iterator[MappedRange]:
    for first, last, kind, region in _RANGE.findall(view):
        start = int(first, 16)
        yield MappedRange(start, int(last, 16) + 1 - start, kind, region)
