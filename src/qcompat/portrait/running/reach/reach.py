"""Reaching a running guest: one door, whatever way leads to its monitor."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from qcompat.portrait.running.reach.domain import look_at_domain
from qcompat.portrait.running.reach.process import look_at_process
from qcompat.portrait.running.reach.running import Domain, Running, Socket
from qcompat.qemu.monitor import Monitor
from qcompat.qemu.qmp_socket import look_at


@contextlib.asynccontextmanager
async def reach(
    running: Running, tried: frozenset[str] = frozenset(), *, stops: bool = False
) -> AsyncIterator[Monitor]:
    """The monitor of a running guest, which is asked only what changes nothing.

    `tried` and `stops` are as in `Monitor`. Raises UnreachableError where a process has no monitor
    that can be had, and what `look_at` and `look_at_domain` raise.
    """
    if isinstance(running, Socket):
        way = look_at(running.path, tried, stops=stops)
    elif isinstance(running, Domain):
        way = look_at_domain(running, tried, stops=stops)
    else:
        way = look_at_process(running, tried, stops=stops)
    async with way as monitor:
        yield monitor
