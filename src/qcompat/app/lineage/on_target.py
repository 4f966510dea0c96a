"""A guest on a target: its portraits there, without its marks and with them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.app.asked_guest import AskedGuest
from qcompat.errors import QcompatError
from qcompat.guest.base_type import words_on_base_type
from qcompat.guest.guest import Guest
from qcompat.lineage.event import Held
from qcompat.lineage.lineage import Mark, PowerCycle
from qcompat.lineage.marks import marks_on, to_set
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import AccelChoice, Portraits
from qcompat.remedy.build_properties import BuildProperties
from qcompat.remedy.edit import with_settings
from qcompat.remedy.setting import Setting


class TargetPortraits(msgspec.Struct, frozen=True):
    """A build's two portraits of a guest: `fresh`, started without marks, and `portrait` with them.

    `held` says how the build has each mark, `guest` is what is started there with them.
    """

    build: str
    fresh: Portrait
    portrait: Portrait
    held: tuple[Held, ...]
    guest: Guest

    def with_more(self, settings: tuple[Setting, ...], portrait: Portrait) -> TargetPortraits:
        """The same with more settings, of which `portrait` is taken."""
        held = (*self.held, *(Held(setting, "set") for setting in settings))
        return msgspec.structs.replace(self, held=held, portrait=portrait, guest=portrait.guest)


def on_base_type(
    cycle: PowerCycle, stored: Mapping[str, Portrait]
) -> tuple[PowerCycle, dict[str, Portrait]]:
    """A guest that was recorded with a machine type of Proxmox VE, with its base type instead."""
    words = words_on_base_type(cycle.started.arguments)
    guest = words_on_base_type(cycle.started.guest)
    started = msgspec.structs.replace(cycle.started, arguments=words, guest=guest)
    asked = AskedGuest(base_type=True)
    kept = {digest: asked.read(portrait) for digest, portrait in stored.items()}
    return msgspec.structs.replace(cycle, started=started), kept


async def portraits_on(
    portraits: Portraits, build: str, guest: Guest, marks: tuple[Mark, ...], accel: AccelChoice
) -> TargetPortraits:
    """Both portraits of `guest` on `build`. Errors: as `Portraits.of`."""
    fresh = await portraits.of(build, guest, accel=accel)
    held = marks_on((mark.setting for mark in marks), fresh)
    settings = to_set(held)
    if not settings:
        return TargetPortraits(build, fresh, fresh, held, guest)
    marked = with_settings(guest, settings, fresh, BuildProperties({}))
    portrait = await portraits.of(build, marked, accel=accel)
    return TargetPortraits(build, fresh, portrait, held, marked)


async def portraits_on_each(
    portraits: Portraits,
    builds: tuple[str, ...],
    guest: Guest,
    marks: tuple[Mark, ...],
    accel: AccelChoice,
) -> tuple[dict[str, TargetPortraits], dict[str, str]]:
    """The portraits by build, and why there are none of the others."""
    found: dict[str, TargetPortraits] = {}
    lacking: dict[str, str] = {}
    for build in builds:
        try:
            found[build] = await portraits_on(portraits, build, guest, marks, accel)
        except QcompatError as error:
            lacking[build] = error.message
    return found, lacking
