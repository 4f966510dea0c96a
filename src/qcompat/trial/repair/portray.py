"""Portraits of the target with candidate settings, two at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from qcompat.builds.build import Build
from qcompat.errors import GuestError, QemuError
from qcompat.local.side_by_side import side_by_side
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import Portraits
from qcompat.remedy.edit import with_settings
from qcompat.remedy.offers import Offers
from qcompat.trial.repair.bounds import Budget
from qcompat.verdict.repair.attempts import Settings

AT_ONCE = 2


class Portraying:
    """The guest of `base`, which is its portrait on `build` as it is, with settings.

    A guest on which QEMU hangs counts as none.
    """

    def __init__(
        self, portraits: Portraits, build: Build, base: Portrait, offers: Offers, budget: Budget
    ) -> None:
        self._portraits = portraits
        self._build = build
        self._base = base
        self._offers = offers
        self._budget = budget
        self._gate = asyncio.Semaphore(AT_ONCE)

    @property
    def spent(self) -> str:
        return self._budget.spent

    async def __call__(self, sets: Sequence[Settings]) -> Sequence[Portrait | None]:
        return await side_by_side(self._one(settings) for settings in sets)

    async def _one(self, settings: Settings) -> Portrait | None:
        async with self._gate:
            if self._budget.spent:
                return None
            self._budget.attempts += 1
            try:
                guest = with_settings(self._base.guest, settings, self._base, self._offers)
                return await self._portraits.of(
                    self._build,
                    guest,
                    moment=self._base.moment,
                    accel=self._base.accel,
                    keep=False,
                )
            except (GuestError, QemuError):
                return None
