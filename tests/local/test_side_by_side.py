"""Side by side: results in order, one error for all, nothing left running."""

from __future__ import annotations

import asyncio

import pytest

from qcompat.errors import BuildError
from qcompat.local.side_by_side import side_by_side


async def test_results_keep_their_order() -> None:
    async def after(seconds: float) -> float:
        await asyncio.sleep(seconds)
        return seconds

    assert await side_by_side(after(s) for s in (0.02, 0.0, 0.01)) == [0.02, 0.0, 0.01]


async def test_the_error_itself_is_raised_and_the_others_are_ended() -> None:
    ended: list[str] = []

    async def fails() -> None:
        raise BuildError("it cannot run")

    async def waits() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("waits")

    with pytest.raises(BuildError, match="it cannot run"):
        await side_by_side((waits(), fails()))
    assert ended == ["waits"]
