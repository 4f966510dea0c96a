"""Recorded portraits of real builds, read once a session."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from qcompat.portrait.bundle import read_bundle
from qcompat.portrait.file import read_portrait
from qcompat.portrait.portrait import Portrait

FILES = {path.stem: path for path in (Path(__file__).parents[1] / "data" / "hosts").glob("*.qcp")}
"""Portraits that stand beside captures of hosts, by their keys."""
RECORDINGS = Path(__file__).parent.parent / "data" / "portraits" / "recordings.qcb"


@pytest.fixture(scope="session")
def recording() -> Callable[[str], Portrait]:
    """A recorded portrait by its key, such as `blk@10.0.13`."""
    bundle = read_bundle(RECORDINGS)
    return cache(lambda key: read_portrait(FILES[key]) if key in FILES else bundle.get(key))
