"""Recorded portraits of real builds, read once a session."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from qcompat.portrait.bundle import read_bundle
from qcompat.portrait.portrait import Portrait

RECORDINGS = Path(__file__).parent.parent / "data" / "portraits" / "recordings.qcb"


@pytest.fixture(scope="session")
def recording() -> Callable[[str], Portrait]:
    """A recorded portrait by its key, such as `blk@10.0.13`."""
    return cache(read_bundle(RECORDINGS).get)
