"""Which properties of a running guest its target starts with: tried, before they are printed."""

from __future__ import annotations

import msgspec

from qcompat.app.lineage.on_target import TargetPortraits
from qcompat.errors import GuestError, QemuError
from qcompat.lineage.properties import KeptProperties, Lost
from qcompat.portrait.portraits import Portraits
from qcompat.remedy.build_properties import BuildProperties
from qcompat.remedy.edit import with_settings
from qcompat.remedy.setting import Setting

Settings = tuple[Setting, ...]


async def tried_properties(
    portraits: Portraits, on_target: TargetPortraits, found: KeptProperties
) -> KeptProperties:
    """What of `found` the target starts with; what it refuses is lost, with its message.

    All are tried together first, then halves of what was refused. Errors: as `Portraits.of`.
    """
    if on_target.portrait.refusal or on_target.build not in portraits.registry.names():
        return found
    usable, refused = await _Tried(portraits, on_target).parts((), found.settings)
    return msgspec.structs.replace(found, settings=usable, lost=(*found.lost, *refused))


class _Tried:
    def __init__(self, portraits: Portraits, on_target: TargetPortraits) -> None:
        self._portraits, self._target = portraits, on_target

    async def parts(self, known: Settings, more: Settings) -> tuple[Settings, tuple[Lost, ...]]:
        """`known` and what of `more` can be set with it, and what cannot."""
        message = await self._refusal((*known, *more)) if more else ""
        if not message:
            return (*known, *more), ()
        if len(more) == 1:
            (one,) = more
            return known, (Lost(one.driver, one.path, one.name, one.value, message),)
        half = len(more) // 2
        known, first = await self.parts(known, more[:half])
        known, second = await self.parts(known, more[half:])
        return known, (*first, *second)

    async def _refusal(self, settings: Settings) -> str:
        base = self._target.portrait
        try:
            guest = with_settings(base.guest, settings, base, BuildProperties({}))
            portrait = await self._portraits.of(
                self._target.build, guest, accel=base.accel, keep=False
            )
        except (GuestError, QemuError) as error:
            return error.message
        refusal = portrait.refusal
        return refusal.message if refusal and not refusal.has_started else ""
