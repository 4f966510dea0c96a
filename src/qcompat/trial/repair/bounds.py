"""How long a search may go on, and how often it may try."""

from __future__ import annotations

import time

import msgspec


class Bounds(msgspec.Struct, frozen=True):
    """At most so many attempts, in so many seconds."""

    seconds: float = 60.0
    attempts: int = 200


class Budget:
    """What is left of the bounds; the clock starts when it is made."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._began = time.monotonic()
        self.attempts = 0

    @property
    def elapsed(self) -> float:
        """Seconds since it was made."""
        return time.monotonic() - self._began

    @property
    def spent(self) -> str:
        """Why no more is to be tried; empty while there is something left."""
        if self.elapsed > self._bounds.seconds:
            return f"the search was ended after {self._bounds.seconds:g} s"
        if self.attempts >= self._bounds.attempts:
            return f"the search was ended after {self.attempts} attempts"
        return ""
