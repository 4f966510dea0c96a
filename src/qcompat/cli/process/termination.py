"""Ending on SIGINT, SIGTERM and SIGHUP: everything is cleaned up, and nothing is said.

By default the latter two would end this process on the spot, and leave what it has on disk behind.
Until something waits in an event loop, a signal raises KeyboardInterrupt where it arrives. From
then on it cancels the work instead, as asyncio itself does for SIGINT: an exception in the middle
of the loop would lose the tasks that were just to go on. Who is impatient and sends several gets
the same end; it takes a bounded time. An interrupt that was lost on its way is made up for.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_USUAL = (signal.SIG_DFL, signal.default_int_handler)
_PATIENCE = 2.0
"""Seconds in which another signal does not interrupt what the first one made unwind."""
_MOMENT = 0.02
"""Seconds after which an interrupt that was lost comes again."""


class Termination:
    """Whether this process got a signal to end, and which."""

    def __init__(self) -> None:
        self._number = 0
        self._work: asyncio.Task[Any] | None = None
        self._raised = -_PATIENCE

    @property
    def has_come(self) -> bool:
        """Whether there was a signal."""
        return self._number != 0

    def exit_code(self, code: int) -> int:
        """What a shell reports for the signal, where one came; else `code`."""
        return 128 + self._number if self._number else code

    def __call__(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """The signal handler."""
        self._number = self._number or number
        warnings.simplefilter("ignore")  # of coroutines that were made and never begun
        if self._work is not None:
            self._cancel(self._work)
        elif time.monotonic() - self._raised > _PATIENCE:
            self._raised = time.monotonic()
            raise KeyboardInterrupt

    def _cancel(self, work: asyncio.Task[Any]) -> None:
        """The task that is running now is told too: it may wait for something without the loop."""
        import asyncio
        import logging

        logging.getLogger("asyncio").setLevel(logging.CRITICAL + 1)  # of tasks that end badly now
        loop = work.get_loop()
        for task in (work, asyncio.current_task(loop)):
            if task is not None and not task.done():
                task.cancel()
        loop.call_soon_threadsafe(lambda: None)  # the loop may be waiting for something else

    def was_lost(self, ignored: sys.UnraisableHookArgs) -> None:
        """Python drops what is raised in a destructor or in the like of it: interrupt again."""
        if not self.has_come:
            sys.__unraisablehook__(ignored)
            return
        if not isinstance(ignored.exc_value, KeyboardInterrupt):
            return  # of an object that the interrupt left half made
        self._raised = -_PATIENCE
        again = threading.Timer(_MOMENT, os.kill, (os.getpid(), self._number))
        again.daemon = True
        again.start()

    @contextlib.contextmanager
    def cancelling(self, work: asyncio.Task[Any]) -> Iterator[None]:
        """While the context lasts, a signal cancels the work; one that came before, at once.

        What was raised before may have been lost: Python clears what its own comparisons raise.
        """
        self._work = work
        try:
            if self.has_come:
                work.cancel()
            yield
        finally:
            self._work = None
            if self.has_come:
                self._raised = time.monotonic()


TERMINATION = Termination()
"""Signals are of the whole process, and so is this."""


@contextlib.contextmanager
def unwinding_when_terminated() -> Iterator[Termination]:
    """While the context lasts, signals unwind; one that is ignored stays so (nohup).

    After it a signal ends the process at once: nothing is left to clean up.
    """
    ours = [number for number in _SIGNALS if signal.getsignal(number) in _USUAL]
    for number in ours:
        signal.signal(number, TERMINATION)
    sys.unraisablehook = TERMINATION.was_lost
    try:
        yield TERMINATION
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
        if not TERMINATION.has_come:
            sys.unraisablehook = sys.__unraisablehook__
