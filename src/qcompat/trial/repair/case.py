"""A search that is over, with what it was made with: what its proof and its answer stand on."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from qcompat.builds.build import Build
from qcompat.guest.guest import Guest
from qcompat.portrait.portrait import Portrait
from qcompat.remedy.edit import with_settings
from qcompat.remedy.offers import Offers
from qcompat.remedy.setting import Setting
from qcompat.trial.repair.bounds import Budget
from qcompat.verdict.repair.attempts import Attempts
from qcompat.verdict.repair.search import Found

LOADS = ("ok", "drift")


@dataclass
class Case:
    """The guest as it is on the target is `base`; `tried` counts single settings by place."""

    source: Portrait
    base: Portrait
    target: Build
    offers: Offers
    budget: Budget
    found: Found
    attempts: Attempts
    tried: dict[str, int] = field(default_factory=dict)

    @property
    def loads(self) -> bool:
        """Whether the target takes the guest with what was found."""
        judgement = self.found.after.judgement
        return judgement is not None and judgement.forward.verdict in LOADS

    def settings(self) -> tuple[Setting, ...]:
        """What was found, each with its property's type."""
        return tuple(
            msgspec.structs.replace(each, kind=kind_of(each, self.offers))
            for each in self.found.settings
        )

    def guest(self, *more: Setting) -> Guest:
        """The guest of the target with what was found, and more. Errors: GuestError."""
        settings = (*self.found.settings, *more)
        return with_settings(self.base.guest, settings, self.base, self.offers)

    async def add(self, *more: Setting) -> None:
        """Count these settings among what was found."""
        settings = (*self.found.settings, *more)
        (after,) = await self.attempts.judge(settings)
        self.found = msgspec.structs.replace(self.found, settings=settings, after=after)


def kind_of(setting: Setting, offers: Offers) -> str:
    """QEMU's word for the type of the property; one of many devices has it on each of them."""
    if setting.reach == "machine":
        offer = offers.machine.get(setting.name)
        return offer.kind if offer else ""
    meant = (setting.driver, *sorted(offers.reaches.get(setting.driver, ())))
    return next((kind for type_ in meant if (kind := offers.kind(type_, setting.name))), "")
