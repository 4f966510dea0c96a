"""Portraits that no QEMU would make: they may say anything, but never end in a crash."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from qcompat.compare.comparison import compare
from qcompat.portrait.bundle import read_bundle
from qcompat.portrait.portrait import Portrait

RECORDINGS = Path(__file__).parents[1] / "data" / "portraits" / "recordings.qcb"


@pytest.fixture(scope="module")
def genuine() -> Portrait:
    return read_bundle(RECORDINGS).get("blk@11.1.3")


@pytest.mark.parametrize("length", [0, 1, 14, 64])
def test_short_configuration_space(length: int, genuine: Portrait) -> None:
    functions = tuple(
        msgspec.structs.replace(each, config=each.config[:length], bars=()) for each in genuine.pci
    )
    crafted = msgspec.structs.replace(genuine, pci=functions)
    assert compare(genuine, crafted).differences
    assert compare(crafted, genuine).differences


def test_memory_map_of_an_impossible_size(genuine: Portrait) -> None:
    files = tuple(
        msgspec.structs.replace(each, data=each.data + b"x", size=1 << 62)
        if each.name == "etc/e820"
        else each
        for each in genuine.firmware
    )
    crafted = msgspec.structs.replace(genuine, firmware=files)
    assert compare(genuine, crafted).differences
