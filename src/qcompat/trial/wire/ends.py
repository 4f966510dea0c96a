"""Preparing both ends of a migration between two running QEMUs.

Sandbox: postcopy hands page faults of guest memory to QEMU. The kernel gives userfaultfd(2) with
faults of its own only to the privileged, or to whoever may open /dev/userfaultfd (which QEMU does
from 8.1 on, util/userfaultfd.c); a build's sandbox has neither unless it is let in here.

Connection: a socket pair that both ends inherit carries one connection, both ways, which is enough
for precopy and for postcopy's page requests. Multifd connects several times, so it needs a socket
with a name.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from qcompat.errors import UsageError
from qcompat.qemu.process import Qemu
from qcompat.trial.trial import Variant

USERFAULTFD_HINT = (
    "allow it in the kernel: sysctl vm.unprivileged_userfaultfd=1, or let this user open"
    " /dev/userfaultfd"
)
_FAULTS = (
    *("--cap-add", "CAP_SYS_PTRACE"),
    *("--dev-bind-try", "/dev/userfaultfd", "/dev/userfaultfd"),
)
_SOCKET = "qcompat-wire"
_CAPABILITIES: Mapping[Variant, tuple[str, ...]] = {
    "precopy": (),
    "postcopy": ("postcopy-ram",),
    "multifd": ("multifd",),
}
_UNLIMITED = 1 << 40
_DOWNTIME = 500
"""Milliseconds that the guest may stand still; QEMU's own default is 300 (migration/options.c)."""
SLOW = {"max-bandwidth": 1 << 20}
FAST = {"max-bandwidth": _UNLIMITED}


def with_faults(command: Sequence[str]) -> list[str]:
    """The words of `builds.run.command`, with what postcopy needs let into the sandbox.

    The capability counts in the sandbox's own process namespace only: it reaches no process
    of the host. A build that runs without a sandbox has what its user has.
    """
    words = list(command)
    if "bwrap" not in words:
        return words
    end = words.index("--", words.index("bwrap"))
    return [*words[:end], *_FAULTS, *words[end:]]


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
        await source.give(one.fileno(), _SOCKET)
        await target.give(other.fileno(), _SOCKET)
    return f"fd:{_SOCKET}", f"fd:{_SOCKET}"


async def configure_source(source: Qemu, variant: Variant) -> None:
    """Postcopy starts slowly, so that the guest leaves while most of its memory stays behind."""
    await _enable(source, variant)
    limits = SLOW if variant == "postcopy" else FAST
    await source.execute("migrate-set-parameters", {**limits, "downtime-limit": _DOWNTIME})


async def configure_target(target: Qemu, variant: Variant) -> None:
    await _enable(target, variant)


async def _enable(qemu: Qemu, variant: Variant) -> None:
    """Errors: CommandError where the build or the host cannot do the variant."""
    states = [{"capability": name, "state": True} for name in _CAPABILITIES[variant]]
    if states:
        await qemu.execute("migrate-set-capabilities", {"capabilities": states})
