"""One load of a stream, from the start of the waiting QEMU to its outcome."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import BinaryIO

from qcompat.errors import CommandError, LaunchError, QemuDiedError, QemuTimeoutError
from qcompat.qemu.launch import launch
from qcompat.qemu.migration import load
from qcompat.qemu.outcome import Outcome

_REFUSAL = re.compile(r"load of migration failed|error while loading", re.IGNORECASE)


async def arrive(command: Sequence[str], arguments: Sequence[str], stream: BinaryIO) -> Outcome:
    """Start a QEMU that waits for a guest and give it `stream`, read from its start.

    Whatever QEMU does is an outcome; only a failure on our own side is raised.
    """
    stream.seek(0)
    try:
        async with launch(command, ["-incoming", "defer", *arguments]) as qemu:
            await load(qemu, stream)
            return Outcome("loaded")
    except LaunchError as error:
        return Outcome("no_start", error.message)
    except QemuTimeoutError as error:
        return Outcome("hung", error.message)
    except CommandError as error:
        return Outcome("refused", error.message)
    except QemuDiedError as error:
        refused = _REFUSAL.search(error.message)
        return Outcome("refused" if refused else "crashed", error.message)
