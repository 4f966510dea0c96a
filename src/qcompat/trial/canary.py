"""The canary: a paused guest saved on one build and loaded by another.

It is the truth that verdicts at the moment `reset` are scored against. One save serves any
number of loads.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from qcompat.builds.build import Build
from qcompat.builds.command import command
from qcompat.errors import CommandError, LaunchError, QemuDiedError, QemuTimeoutError
from qcompat.guest.guest import Guest
from qcompat.portrait.portrait import Accel
from qcompat.qemu.migration import load
from qcompat.qemu.process import launch
from qcompat.trial.outcome import Outcome

_REFUSAL = re.compile(r"load of migration failed|error while loading", re.IGNORECASE)


async def load_canary(
    target: Build, guest: Guest, stream: BinaryIO, *, accel: Accel = "kvm"
) -> Outcome:
    """Start `guest` on `target`, waiting, and give it the saved `stream`, read from its start."""
    stream.seek(0)
    prefix = command(target, kvm=accel == "kvm", network_namespace=guest.network_namespace)
    arguments = ["-accel", accel, "-incoming", "defer", *guest.arguments]
    try:
        async with launch(prefix, arguments) as qemu:
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
