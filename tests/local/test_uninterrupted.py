from __future__ import annotations

import asyncio

import pytest

from qcompat.local.uninterrupted import is_cancelled, stopped, uninterrupted


async def test_work_is_finished_however_often_its_waiter_is_cancelled() -> None:
    done: list[str] = []

    async def work() -> None:
        await asyncio.sleep(0.1)
        done.append("work")

    waiting = asyncio.create_task(uninterrupted(work()))
    for _ in range(3):
        await asyncio.sleep(0.01)
        waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert done == ["work"]


async def test_its_result_and_its_error_are_passed_on() -> None:
    async def fails() -> None:
        raise ValueError("no")

    assert await uninterrupted(asyncio.sleep(0, "yes")) == "yes"
    with pytest.raises(ValueError, match="no"):
        await uninterrupted(fails())


async def test_stopping_a_task_does_not_lose_a_cancellation_of_the_one_that_stops_it() -> None:
    async def goes_slowly() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            await asyncio.sleep(0.1)

    async def stops() -> None:
        await stopped(going)
        await asyncio.sleep(10)

    going = asyncio.create_task(goes_slowly())
    await asyncio.sleep(0)
    stopping = asyncio.create_task(stops())
    await asyncio.sleep(0.02)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(stopping, 2)
    assert going.cancelled()


async def test_a_task_sees_that_it_was_cancelled_without_waiting() -> None:
    task = asyncio.current_task()
    assert task is not None
    assert not is_cancelled()
    task.cancel()
    assert is_cancelled()
    task.uncancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.sleep(0)


def test_without_a_loop_nothing_is_cancelled() -> None:
    assert not is_cancelled()
