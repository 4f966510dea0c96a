"""The guest of a rehearsal: taken of the running one now, or from a file that was taken elsewhere.

The file is a portrait at the moment `running`, by itself or in the archive of a rehearsal: it has
the device state, and what the guest is.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from qcompat.app.lineage.known_guest import from_running
from qcompat.errors import BuildError, FileFormatError, GuestError, UsageError
from qcompat.portrait.file import read_portrait
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import Portraits
from qcompat.portrait.running.device_state import take_device_state, tells_blockers
from qcompat.portrait.running.observe import observe
from qcompat.portrait.running.observed import Observed
from qcompat.portrait.running.reach.reach import reach
from qcompat.portrait.running.reach.running import Running
from qcompat.portrait.running.stream import stream_of_now
from qcompat.qemu.monitor import Monitor
from qcompat.trial import archive
from qcompat.trial.archive_reader import read_archive
from qcompat.trial.replay import genuine_guest


class GuestNow(msgspec.Struct, frozen=True):
    """A guest as it is, or was when its state was taken.

    `portrait` is of the moment `running`. `pause` is how long it stood still for that, in ms:
    measured by QEMU where `is_told`, else at most so long; None where the state is from a file.
    `blocked` is why its QEMU would not migrate it.
    """

    portrait: Portrait
    pause: float | None = None
    is_told: bool = False
    blocked: tuple[str, ...] = ()


async def take_guest_now(
    portraits: Portraits, running: Running, build: str = "", words: tuple[str, ...] = ()
) -> GuestNow:
    """Look at the running guest, then stop it for a moment to take its device state.

    `build` and `words` are those of the guest where they cannot be seen. Errors: as `reach` and
    `take_device_state`, UsageError where the guest's arguments are unknown, BuildError where its
    build is not registered here.
    """
    observed = await observe(running, _not_tried)
    known = await from_running(portraits, observed, words, build, None)
    if known.portrait is None:
        raise BuildError(f"the guest cannot be rehearsed: {known.lacking}", _REGISTER)
    twin = known.portrait
    if twin.stream is None:
        return _unsendable(twin)
    async with reach(running, stops=True) as monitor:
        await _refuse_unseen(monitor, observed, twin)
        state = await take_device_state(monitor)
    if state.blocked:
        return GuestNow(_running(twin), blocked=state.blocked)
    stream = stream_of_now(twin.stream, state.content, observed.memory)
    now = msgspec.structs.replace(
        _running(twin), stream=stream, memory=observed.memory or twin.memory
    )
    return GuestNow(now, state.pause, state.is_told)


def _running(twin: Portrait) -> Portrait:
    return msgspec.structs.replace(twin, moment="running")


async def _refuse_unseen(monitor: Monitor, observed: Observed, twin: Portrait) -> None:
    """A device that the twin has not may be one of which QEMU dies when it writes its state."""
    unseen = {device.type for device in observed.devices} - {d.type for d in twin.devices}
    if unseen and not await tells_blockers(monitor):
        raise UsageError(
            f"the guest has {', '.join(sorted(unseen))}, which its paused twin has not, and its"
            " QEMU does not tell whether it can be migrated",
            "give its present arguments with --argv FILE",
        )


_REGISTER = "register the build that runs it: qcompat builds add; or name it with --from"


async def _not_tried(_: Observed) -> frozenset[str]:
    raise BuildError("not asked: the device state says it")


def _unsendable(twin: Portrait) -> GuestNow:
    """A guest whose paused twin already cannot be saved."""
    refusal = twin.refusal
    if refusal is None or refusal.stage != "save":
        said = refusal.message if refusal else "it has no stream"
        raise GuestError(
            f"the paused twin of the guest cannot be started on {twin.build}: {said}",
            "check the guest's arguments, and name its build with --from",
        )
    return GuestNow(_running(twin), blocked=(refusal.message,))


def read_guest_now(path: Path) -> GuestNow:
    """The guest whose state is in a file: a portrait, or the archive of a rehearsal.

    Raises FileFormatError.
    """
    is_archive = path.name.endswith(archive.SUFFIX)
    portrait = read_archive(path).portraits.get(1) if is_archive else read_portrait(path)
    if portrait is None:
        raise FileFormatError(f"{path} holds no portrait of the guest", "name another archive")
    if portrait.moment != "running" or portrait.stream is None:
        raise FileFormatError(
            f"{path} holds a guest at the moment {portrait.moment!r}, not a running one",
            "take its state where it runs: qcompat rehearse --qmp SOCKET --save-state FILE",
        )
    guest = genuine_guest(portrait.guest.arguments, path)
    guest = msgspec.structs.replace(guest, uncovered=portrait.guest.uncovered)
    return GuestNow(msgspec.structs.replace(portrait, guest=guest))
