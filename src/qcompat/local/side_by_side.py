"""Coroutines side by side: if one fails, the others are cancelled and its error is raised."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

Result = TypeVar("Result")


async def side_by_side(work: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """Their results, in order. Unlike `asyncio.gather` it leaves none of them running."""
    try:
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(each) for each in work]
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from several
    return [each.result() for each in running]
