from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.portrait.memory import read_ramblock

RECORDINGS = Path(__file__).parents[1] / "data" / "monitor"


@pytest.mark.parametrize("version", ["5.2.0", "11.1.3"])
def test_used_and_maximum_are_told_apart(version: str) -> None:
    text = (RECORDINGS / f"ramblock-{version}.txt").read_text()
    blocks = {block.name: block for block in read_ramblock(text)}
    assert len(blocks) == len(text.splitlines()) - 1
    assert blocks["pc.ram"].used == blocks["pc.ram"].maximum == 128 << 20
    tables = blocks["/rom@etc/acpi/tables"]
    assert (tables.used, tables.maximum, tables.page_size) == (0x20000, 0x200000, 4096)
