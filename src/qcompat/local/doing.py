"""What this process is busy with, in words, for whoever shows it to a user who waits."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

_NOW: dict[object, tuple[str, float]] = {}


@contextlib.contextmanager
def doing(what: str) -> Iterator[None]:
    """Say what is going on while the context lasts."""
    mark = object()
    _NOW[mark] = (what, time.monotonic())
    try:
        yield
    finally:
        del _NOW[mark]


def going_on() -> tuple[tuple[str, float], ...]:
    """What is going on, and for how many seconds: what began first is first."""
    now = time.monotonic()
    return tuple((what, now - since) for what, since in tuple(_NOW.values()))
