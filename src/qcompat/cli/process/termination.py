"""Termination: SIGTERM and SIGHUP unwind like Ctrl-C, so that everything is cleaned up.

By default either would end this process on the spot, and leave what it has on disk behind.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class Termination:
    """Whether this process got a signal to end, and which."""

    def __init__(self) -> None:
        self._number = 0

    def exit_code(self, code: int) -> int:
        """What a shell reports for the signal, where one came; else `code`."""
        return 128 + self._number if self._number else code

    def __call__(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self._number = number
        signal.raise_signal(signal.SIGINT)


@contextlib.contextmanager
def unwinding_when_terminated() -> Iterator[Termination]:
    """While the context lasts, the two signals interrupt; one that is ignored stays so (nohup)."""
    termination = Termination()
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    ours = [number for number in _SIGNALS if before[number] == signal.SIG_DFL]
    for number in ours:
        signal.signal(number, termination)
    try:
        yield termination
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
