"""Where things lie in memory, as QEMU tells it."""

from __future__ import annotations

import pytest

from qcompat.portrait.memory_map import main_memory, read_memory_map, start_of

# `info mtree -f` of Debian's 10.0.13, -machine virt-7.2 -nodefaults, shortened
TOLD = """\
FlatView #0\r
 AS "I/O", root: io\r
 Root memory region: io\r
  0000000000000000-000000000000ffff (prio 0, i/o): io\r
\r
FlatView #1\r
 AS "memory", root: system\r
 AS "cpu-memory-0", root: system\r
 Root memory region: system\r
  0000000000000000-0000000003ffffff (prio 0, romd): virt.flash0\r
  0000000009020000-0000000009020007 (prio 0, i/o): fwcfg.data\r
  0000000009020010-0000000009020017 (prio 0, i/o): fwcfg.dma\r
  0000000040000000-0000000047ffffff (prio 0, ram): mach-virt.ram KVM\r
  0000004010000000-000000401fffffff (prio 0, container): pcie-mmcfg-mmio\r
\r
"""


def test_the_places_of_regions_are_those_of_the_processors() -> None:
    ranges = read_memory_map(TOLD)
    assert start_of(ranges, "fwcfg.dma") == 0x9020010
    assert start_of(ranges, "pcie-mmcfg-mmio") == 0x4010000000
    assert start_of(ranges, "io") is None
    assert main_memory(ranges) == 0x40000000


@pytest.mark.parametrize("told", ["", "FlatView #0", "\0" * 100, TOLD.replace("(prio", "prio")])
def test_another_form_gives_nothing(told: str) -> None:
    assert main_memory(read_memory_map(told)) is None
    assert start_of(read_memory_map(told), "fwcfg.dma") is None
