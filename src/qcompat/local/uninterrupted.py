"""Work that comes to its end even if the task that waits for it is cancelled, however often."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def uninterrupted(work: Coroutine[Any, Any, Result]) -> Result:
    """The result of `work`, which should take a bounded time.

    Where this task was cancelled meanwhile, CancelledError is raised when the work is done; the
    work's own error comes first.
    """
    task = asyncio.ensure_future(work)
    is_cancelled = False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            is_cancelled = True
    result = task.result()
    if is_cancelled:
        raise asyncio.CancelledError
    return result


async def stopped(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait for its end. Raises its error, if it had one.

    Waiting for it with CancelledError suppressed would lose a cancellation of this task.
    """
    task.cancel()
    await uninterrupted(_end(task))


async def _end(task: asyncio.Task[Any]) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await task


def is_cancelled() -> bool:
    """Whether the running task, if there is one, was cancelled while it waits without its loop."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return False
    return task is not None and task.cancelling() > 0
