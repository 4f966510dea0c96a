"""Loading a stream into a QEMU that is started for it, and how that ended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import BinaryIO

from qcompat.errors import CommandError, LaunchError, QemuDiedError, QemuError, QemuTimeoutError
from qcompat.qemu.launch import launch
from qcompat.qemu.migration import load
from qcompat.qemu.outcome import Outcome

_REFUSAL = re.compile(r"load of migration failed|error while loading", re.IGNORECASE)


async def receive(
    command: Sequence[str],
    arguments: Sequence[str],
    stream: BinaryIO,
    *,
    inherit: Sequence[int] = (),
) -> Outcome:
    """Start a QEMU with `-incoming` and give it `stream`, read from its start.

    `inherit` is as in `launch`. Whatever QEMU does is an outcome; only failures on our own side are
    raised.
    """
    stream.seek(0)
    try:
        waiting = ["-incoming", "defer", *arguments]
        async with launch(command, waiting, inherit=inherit) as qemu:
            await load(qemu, stream)
            return Outcome("loaded")
    except (LaunchError, QemuTimeoutError, CommandError, QemuDiedError) as error:
        return outcome_of(error)


def outcome_of(error: QemuError) -> Outcome:
    """The outcome of a load that ended with this error."""
    message = error.message
    match error:
        case LaunchError():
            return Outcome("no_start", message)
        case QemuTimeoutError():
            return Outcome("hung", message)
        case QemuDiedError():
            return Outcome("refused" if _REFUSAL.search(message) else "crashed", message)
        case _:
            return Outcome("refused", message)
