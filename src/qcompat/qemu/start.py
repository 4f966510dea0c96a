"""Starting a process that is there whole or not at all, whoever loses patience meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence


async def start(words: Sequence[str], inherit: Sequence[int]) -> Process:
    """Start `words` as the leader of a session of its own, with its standard error to be read.

    Cancelled meanwhile, asyncio would kill the leader alone and leave what that has started;
    here the start is finished first, and the whole group killed.
    """
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *words,
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=PIPE,
            pass_fds=inherit,
            start_new_session=True,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        process = await starting
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
