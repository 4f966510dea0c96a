"""The moment before something is started that needs an event loop."""

from __future__ import annotations


async def wait_for_event_loop() -> None:
    """Wait for a moment before anything is started: who has no event loop still can get one.

    Most answers come from what is at hand and never get here, so that they need none.
    """
    import asyncio

    await asyncio.sleep(0)
