"""What a build makes of a guest that is started there with its marks."""

from __future__ import annotations

import msgspec

from qcompat.errors import QcompatError
from qcompat.guest.guest import Guest
from qcompat.lineage.event import Held
from qcompat.lineage.holding import hold, to_say
from qcompat.lineage.lineage import Mark
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import AccelChoice, Portraits
from qcompat.remedy.build_properties import BuildProperties
from qcompat.remedy.edit import with_settings
from qcompat.remedy.setting import Setting


class Picture(msgspec.Struct, frozen=True):
    """A build's two portraits of a guest: `fresh`, started anew without marks, and with them.

    `held` says how the build holds each mark, `guest` is what is started there with them.
    """

    build: str
    fresh: Portrait
    portrait: Portrait
    held: tuple[Held, ...]
    guest: Guest

    def having(self, settings: tuple[Setting, ...], portrait: Portrait) -> Picture:
        """The picture with more settings, which make `portrait`."""
        held = (*self.held, *(Held(setting, "set") for setting in settings))
        return msgspec.structs.replace(self, held=held, portrait=portrait, guest=portrait.guest)


async def picture(
    portraits: Portraits, build: str, guest: Guest, marks: tuple[Mark, ...], accel: AccelChoice
) -> Picture:
    """Have both portraits of `guest` on `build`. Errors: as `Portraits.of`."""
    fresh = await portraits.of(build, guest, accel=accel)
    held = hold((mark.setting for mark in marks), fresh)
    said = to_say(held)
    if not said:
        return Picture(build, fresh, fresh, held, guest)
    marked = with_settings(guest, said, fresh, BuildProperties({}))
    portrait = await portraits.of(build, marked, accel=accel)
    return Picture(build, fresh, portrait, held, marked)


async def pictures(
    portraits: Portraits,
    builds: tuple[str, ...],
    guest: Guest,
    marks: tuple[Mark, ...],
    accel: AccelChoice,
) -> tuple[dict[str, Picture], dict[str, str]]:
    """A picture by build, and why there is none of the others."""
    found: dict[str, Picture] = {}
    lacking: dict[str, str] = {}
    for build in builds:
        try:
            found[build] = await picture(portraits, build, guest, marks, accel)
        except QcompatError as error:
            lacking[build] = error.message
    return found, lacking
