"""Portraits of the target with candidate settings, two at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from qcompat.builds.build import Build
from qcompat.errors import GuestError, QemuError
from qcompat.guest.guest import Guest
from qcompat.portrait.portrait import Accel, Moment, Portrait
from qcompat.portrait.take import take
from qcompat.remedy.apply import with_settings
from qcompat.remedy.offers import Offers
from qcompat.trial.repair.bounds import Budget
from qcompat.trial.together import together
from qcompat.verdict.repair.attempts import Settings

AT_ONCE = 2


class Portraying:
    """The guest of `base`, which is its portrait on `build` as it is, with settings.

    A guest on which QEMU hangs counts as none.
    """

    def __init__(self, build: Build, base: Portrait, offers: Offers, budget: Budget) -> None:
        self._build = build
        self._base = base
        self._offers = offers
        self._budget = budget
        self._gate = asyncio.Semaphore(AT_ONCE)

    @property
    def spent(self) -> str:
        return self._budget.spent

    async def __call__(self, sets: Sequence[Settings]) -> Sequence[Portrait | None]:
        return await together(self._one(settings) for settings in sets)

    async def _one(self, settings: Settings) -> Portrait | None:
        async with self._gate:
            if self._budget.spent:
                return None
            self._budget.attempts += 1
            try:
                guest = with_settings(self._base.guest, settings, self._base, self._offers)
                return await _take(self._build, guest, self._base)
            except (GuestError, QemuError):
                return None


async def _take(build: Build, guest: Guest, like: Portrait) -> Portrait:
    moment: Moment = like.moment
    accel: Accel = like.accel
    return await take(build, guest, like.facts, moment=moment, accel=accel)
