"""What a migration runs over: a socket pair both ends inherit, or a socket with a name.

A pair carries one connection, both ways, which is enough for precopy and for postcopy's page
requests. Multifd connects several times, so it needs a name.
"""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

from qcompat.errors import UsageError
from qcompat.qemu.process import Qemu
from qcompat.trial.trial import Variant

_NAME = "qcompat-wire"


async def open_channel(
    source: Qemu, target: Qemu, variant: Variant, place: Path | None
) -> tuple[str, str]:
    """The URIs for `migrate` and `migrate-incoming`."""
    if variant != "multifd":
        return await _pair(source, target)
    if place is None:
        raise UsageError("multifd needs a place that both ends can write", "see shared_place")
    uri = f"unix:{place}/wire-{source.pid}-{target.pid}"
    return uri, uri


async def _pair(source: Qemu, target: Qemu) -> tuple[str, str]:
    one, other = socket.socketpair()
    with contextlib.closing(one), contextlib.closing(other):
        await source.give(one.fileno(), _NAME)
        await target.give(other.fileno(), _NAME)
    return f"fd:{_NAME}", f"fd:{_NAME}"
