"""How long a guest stands still while its device state is taken, over many times."""

from __future__ import annotations

import asyncio
import statistics

from qcompat.portrait.running.device_state import Channel, take_device_state


async def report_pauses(channel: Channel, times: int, between: float = 0.05) -> None:
    """Take the state so often, with a while between, and print the pauses by QEMU's own events."""
    pauses = []
    for _ in range(times):
        pauses.append((await take_device_state(channel)).pause)
        await asyncio.sleep(between)
    print(
        f"pause over {times} times: median {statistics.median(pauses):.2f} ms,"
        f" 99th of 100 {sorted(pauses)[int(times * 0.99) - 1]:.2f} ms, worst {max(pauses):.2f} ms"
    )
