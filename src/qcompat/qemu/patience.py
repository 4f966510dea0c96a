"""How long a QEMU may take for all that it is asked, together: each answer in time is not enough.

One that answers each of a hundred questions a moment before its time is over would hold a command
for an hour. So what an answer takes beyond a free moment is added up; a QEMU that is well spends
nothing, however much it is asked, and a large guest under TCG on a busy machine some seconds.
"""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Iterator

from qcompat.errors import BuildError, UsageError

VARIABLE = "QCOMPAT_QEMU_SECONDS"
SECONDS = 90.0
"""What one QEMU may spend, unless `VARIABLE` says otherwise."""
FREE_SECONDS = 0.1
_DEATH = 1.0


class Patience:
    """The seconds that are left for the answers of one QEMU, or of several that share them.

    `share` is by how much those of one QEMU are multiplied.
    """

    def __init__(self, share: float = 1.0) -> None:
        self._all = self._left = allowed() * share
        self._questions = self._deaths = 0

    @contextlib.contextmanager
    def waiting(self, seconds: float, free: float = FREE_SECONDS) -> Iterator[float]:
        """For one answer, which may take `seconds`: yields the time it has, and counts it.

        Errors: BuildError where the time for all of them is over.
        """
        self._questions += 1
        self._check()
        begun = time.monotonic()
        try:
            yield min(seconds, self._left + free)
        except TimeoutError:
            self._spend(begun, free)
            raise
        self._spend(begun, free)

    def died(self, seconds: float) -> None:
        """It ended in the middle of a question, took so long to, and has to be started again."""
        self._deaths += 1
        self._left -= _DEATH + seconds

    def _spend(self, begun: float, free: float) -> None:
        self._left -= max(0.0, time.monotonic() - begun - free)
        self._check()

    def _check(self) -> None:
        """Not a QemuError: whoever can do without one answer cannot go on with such a QEMU."""
        if self._left > 0:
            return
        if 2 * self._deaths * _DEATH > self._all:
            raise BuildError(
                f"QEMU ended {self._deaths} times in the middle of a question",
                "is that program a working QEMU? its log may say more",
            )
        raise BuildError(
            f"QEMU is too slow: {self._questions} answers took more than {self._all:g} s together",
            f"if this machine is busy or the guest very large: set {VARIABLE} to more than"
            f" {allowed():g}",
        )


def allowed() -> float:
    """The seconds for one QEMU. Errors: UsageError where the variable is no number of seconds."""
    given = os.environ.get(VARIABLE, "")
    if not given:
        return SECONDS
    try:
        seconds = float(given)
    except ValueError:
        seconds = math.nan
    if not 1 <= seconds < math.inf:
        raise UsageError(f"{VARIABLE} is not a number of seconds: {given!r}", "such as 300")
    return seconds
