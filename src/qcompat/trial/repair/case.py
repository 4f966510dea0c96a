"""A search: how long it may go on, the portraits it takes, and what it came to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from qcompat.builds.build import Build
from qcompat.errors import GuestError, HostLacksError, QemuError
from qcompat.guest.guest import Guest
from qcompat.local.side_by_side import side_by_side
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import Portraits
from qcompat.remedy.build_properties import BuildProperties
from qcompat.remedy.edit import with_settings
from qcompat.remedy.setting import Setting
from qcompat.verdict.remedy import Spent
from qcompat.verdict.search.attempts import Attempts, Settings
from qcompat.verdict.search.search import Found


class Bounds(msgspec.Struct, frozen=True):
    """At most so many attempts, in so many seconds."""

    seconds: float = 60.0
    attempts: int = 200


class Budget:
    """What is left of the bounds; the clock starts when it is made."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._began = time.monotonic()
        self.attempts = 0

    @property
    def elapsed(self) -> float:
        """Seconds since it was made."""
        return time.monotonic() - self._began

    @property
    def spent(self) -> Spent | None:
        """The bound that was reached; None while there is something left."""
        if self.elapsed > self._bounds.seconds:
            return Spent("seconds", self._bounds.seconds)
        if self.attempts >= self._bounds.attempts:
            return Spent("attempts", self.attempts)
        return None


AT_ONCE = 2


class Portraying:
    """The guest of `base`, which is its portrait on `build` as it is, with settings.

    A guest on which QEMU hangs, or which this machine cannot run, counts as none.
    """

    def __init__(
        self,
        portraits: Portraits,
        build: Build,
        base: Portrait,
        properties: BuildProperties,
        budget: Budget,
    ) -> None:
        self._portraits = portraits
        self._build = build
        self._base = base
        self._properties = properties
        self._budget = budget
        self._gate = asyncio.Semaphore(AT_ONCE)

    @property
    def spent(self) -> Spent | None:
        return self._budget.spent

    async def __call__(self, sets: Sequence[Settings]) -> Sequence[Portrait | None]:
        return await side_by_side(self._one(settings) for settings in sets)

    async def _one(self, settings: Settings) -> Portrait | None:
        async with self._gate:
            if self._budget.spent:
                return None
            self._budget.attempts += 1
            try:
                guest = with_settings(self._base.guest, settings, self._base, self._properties)
                return await self._portraits.of(
                    self._build,
                    guest,
                    moment=self._base.moment,
                    accel=self._base.accel,
                    keep=False,
                )
            except (GuestError, QemuError, HostLacksError):
                return None


LOADS = ("ok", "drift")


@dataclass
class Case:
    """The guest as it is on the target is `base`; `tried` counts single settings by place."""

    source: Portrait
    base: Portrait
    target: Build
    properties: BuildProperties
    budget: Budget
    found: Found
    attempts: Attempts
    tried: dict[str, int] = field(default_factory=dict)

    @property
    def loads(self) -> bool:
        """Whether the target takes the guest with what was found, as far as a twin shows it."""
        judgement = self.found.after.judgement
        return judgement is not None and judgement.forward.tried in LOADS

    def settings(self) -> tuple[Setting, ...]:
        """What was found, each with its property's type."""
        return tuple(
            msgspec.structs.replace(each, kind=kind_of(each, self.properties))
            for each in self.found.settings
        )

    def guest(self, *more: Setting) -> Guest:
        """The guest of the target with what was found, and more. Errors: GuestError."""
        settings = (*self.found.settings, *more)
        return with_settings(self.base.guest, settings, self.base, self.properties)

    async def add(self, *more: Setting) -> None:
        """Count these settings among what was found."""
        settings = (*self.found.settings, *more)
        (after,) = await self.attempts.judge(settings)
        self.found = msgspec.structs.replace(self.found, settings=settings, after=after)


def kind_of(setting: Setting, properties: BuildProperties) -> str:
    """QEMU's word for the type of the property; one of many devices has it on each of them."""
    if setting.reach == "machine":
        info = properties.machine.get(setting.name)
        return info.kind if info else ""
    meant = (setting.driver, *sorted(properties.reaches.get(setting.driver, ())))
    return next((kind for type_ in meant if (kind := properties.kind(type_, setting.name))), "")
