"""The guest of a rehearsal: taken of the running one now, or from a file that was taken elsewhere.

The file is a portrait at the moment `running`, by itself or in the archive of a rehearsal: it has
the device state, and what the guest is.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import msgspec

from qcompat.app.lineage.known_guest import KnownGuest, from_running
from qcompat.errors import (
    BuildError,
    FileFormatError,
    GuestError,
    HostLacksError,
    UsageError,
)
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

    `build` and `words` are those of the guest where they cannot be seen. Errors: as `look_at` and
    `state_now`.
    """
    return await state_now(await look_at(portraits, running, build, words), running)


async def look_at(
    portraits: Portraits, running: Running, build: str, words: tuple[str, ...]
) -> KnownGuest:
    """What is known of the running guest without stopping it, its twin's portrait included.

    Errors: as `reach`, UsageError where the guest's arguments are unknown, BuildError where its
    build is not registered here.
    """
    observed = await observe(running, _not_tried)
    known = await from_running(portraits, observed, words, build, None, partial(reach, running))
    if known.portrait is None:
        raise BuildError(f"the guest cannot be looked at: {known.lacking}", _REGISTER)
    return known


async def state_now(known: KnownGuest, running: Running) -> GuestNow:
    """Stop a guest, of whose twin there is a portrait, for a moment to take its device state.

    Errors: as `take_device_state`, HostLacksError where its twins run with another accelerator,
    UsageError where it has no twin that is like it.
    """
    observed, twin = known.observed, known.portrait
    assert observed and twin
    if observed.accel == "kvm" and twin.accel != "kvm":
        raise HostLacksError(
            "KVM runs the guest, and this user cannot use KVM here",
            "allow this user to open /dev/kvm: what TCG loads is another state",
            kind="accelerator",
        )
    if twin.stream is None:
        return _unsendable(twin)
    _refuse_unlike(known)
    async with reach(running, stops=True) as monitor:
        await _refuse_deadly(monitor, known)
        state = await take_device_state(monitor)
    if state.blocked:
        return GuestNow(_running(twin), blocked=state.blocked)
    stream = stream_of_now(twin.stream, state.content, observed.memory, twin.facts)
    now = msgspec.structs.replace(
        _running(twin), stream=stream, memory=observed.memory or twin.memory
    )
    return GuestNow(now, state.pause, state.is_told)


def _running(twin: Portrait) -> Portrait:
    return msgspec.structs.replace(twin, moment="running")


def _refuse_unlike(known: KnownGuest) -> None:
    """A target would load, or refuse, the state beside a twin of another guest."""
    if known.unlike:
        said = "; ".join(f"{part.subject}: {part.reason}" for part in known.unlike)
        raise UsageError(
            f"the running guest is not what its arguments say: {said}",
            "give the arguments that a start would need now with --argv FILE",
        )


async def _refuse_deadly(monitor: Monitor, known: KnownGuest) -> None:
    """A device that no twin has may be one of which QEMU dies when it writes its state."""
    unseen = [part.device for part in known.guest.uncovered if part.device]
    if known.observed and not known.observed.devices:
        unseen.append("devices of which it does not tell")
    if unseen and not await tells_blockers(monitor):
        raise UsageError(
            f"the guest has {', '.join(unseen)}, which its paused twin may lack, and its QEMU does"
            " not tell whether it can be migrated",
            "ask without disturbing it: qcompat check",
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
    if portrait.lacks_state:
        raise FileFormatError(
            f"{path} holds a running guest without its device state",
            "take it where the guest's QEMU may write its state",
        )
    if portrait.moment != "running" or portrait.stream is None:
        raise FileFormatError(
            f"{path} holds a guest at the moment {portrait.moment!r}, not a running one",
            "take it where the guest runs: qcompat portrait take --qmp SOCKET -o FILE",
        )
    guest = genuine_guest(portrait.guest.arguments, path)
    guest = msgspec.structs.replace(guest, uncovered=portrait.guest.uncovered)
    return GuestNow(msgspec.structs.replace(portrait, guest=guest))
