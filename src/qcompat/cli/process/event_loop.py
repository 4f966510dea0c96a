"""The one place where an event loop is made: commands run the asynchronous library here."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from qcompat.cli.process.termination import TERMINATION
from qcompat.cli.process.waiting import shown_while_waiting

T = TypeVar("T")


def run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """The result of `work`, in an event loop where it has to wait for something.

    An answer from portraits at hand never waits, and importing asyncio would take it a tenth
    longer. So the work is begun without a loop, and begun once more in one where it stops to
    wait, which it does before it starts anything (`Portraits`).
    """
    begun = work()
    try:
        begun.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    finally:
        begun.close()
    return run_waiting(work())


def run_waiting(work: Coroutine[Any, Any, T], *, shows_itself: bool = False) -> T:
    """The result of work that waits for sure, in an event loop of its own.

    A user who waits is shown what is going on, unless the command does that itself.
    Raises KeyboardInterrupt when a signal ended it (`termination`).
    """
    import asyncio

    try:
        with contextlib.nullcontext() if shows_itself else shown_while_waiting():
            return asyncio.run(_cancelled_by_signals(work))
    except asyncio.CancelledError:
        if TERMINATION.has_come:
            raise KeyboardInterrupt from None
        raise


async def _cancelled_by_signals(work: Coroutine[Any, Any, T]) -> T:
    import asyncio

    task = asyncio.current_task()
    assert task is not None
    with TERMINATION.cancelling(task):
        return await work
