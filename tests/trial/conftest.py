"""Recorded portraits for what is decided without a QEMU."""

from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.portrait.file import read_portrait
from qcompat.portrait.portrait import Portrait

PORTRAITS = Path(__file__).parents[1] / "data" / "portraits"


@pytest.fixture(scope="session")
def recorded() -> Portrait:
    """virtio-blk-pci on pc-q35-10.0, taken of Debian's 10.0.13."""
    return read_portrait(PORTRAITS / "debian-10.0.13-pc-q35-10.0-virtio-blk-pci.qcp")
