"""Trying sets of settings, each once, several devices' sets in one attempt.

What a set makes of the guest is the `Portray` that is given: the one thing here that is not
pure. It portrays the guest on the target with each of several sets, as many at once as the
machine takes, and stops where its bounds are reached (`spent`).
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from qcompat.portrait.portrait import Portrait
from qcompat.remedy.setting import Setting
from qcompat.verdict.remedy import Spent
from qcompat.verdict.search.cost import Judged, judged

Settings = tuple[Setting, ...]
_ECHO = re.compile(r"-(device|global|cpu|machine) \S.*?: ", re.DOTALL)
Asking = Generator[tuple[Settings, ...], tuple[bool, ...], Settings]
"""A search of one place: it yields sets to try there, and is sent which of them hold."""


class Portray(Protocol):
    """The target with each set of settings."""

    @property
    def spent(self) -> Spent | None:
        """The bound that was reached; None while there is something left to try."""

    async def __call__(self, sets: Sequence[Settings]) -> Sequence[Portrait | None]:
        """One portrait a set; None where its arguments make no guest, or it was not tried."""


class Holds(Protocol):
    """Whether a place is as it should be."""

    def __call__(self, place: str, found: Judged) -> bool: ...


@dataclass
class Attempts:
    """All that was tried so far; `always` are settings without which the guest does not start."""

    source: Portrait
    portray: Portray
    always: Settings = ()
    known: dict[frozenset[Setting], Judged] = field(default_factory=dict)

    def take(self, target: Portrait) -> None:
        """The target as it is, which was portrayed before."""
        self.known[frozenset()] = judged(self.source, target)

    async def judge(self, *sets: Settings) -> tuple[Judged, ...]:
        """What the verdict is with each set."""
        wanted = [frozenset((*self.always, *settings)) for settings in sets]
        new = [each for each in dict.fromkeys(wanted) if each not in self.known]
        portraits = await self.portray([tuple(sorted(each)) for each in new]) if new else ()
        for key, portrait in zip(new, portraits, strict=True):
            if portrait is not None or not self.portray.spent:
                self.known[key] = judged(self.source, portrait)
        return tuple(self.known.get(each, judged(self.source, None)) for each in wanted)

    async def starting(self, settings: Settings) -> list[Settings]:
        """The settings in parts with which the target starts; what it never starts with is left."""
        (found,) = await self.judge(settings)
        if found.starts or not settings:
            return [settings] if settings else []
        if len(settings) == 1:
            return []
        if culprits := _named(settings, found.complaint):
            rest = tuple(each for each in settings if each not in culprits)
            return [*await self.starting(rest), *await self.starting(culprits)]
        middle = len(settings) // 2
        return [*await self.starting(settings[:middle]), *await self.starting(settings[middle:])]

    async def race(self, searches: Mapping[str, Asking], holds: Holds) -> dict[str, Settings]:
        """Run searches of independent places side by side: their sets share attempts."""
        done: dict[str, Settings] = {}
        asked: dict[str, tuple[Settings, ...]] = {}
        for place, search in searches.items():
            _step(place, search, None, asked, done)
        while asked:
            answers = await self._answers(asked, holds)
            asked = {}
            for place, answer in answers.items():
                _step(place, searches[place], answer, asked, done)
        return done

    async def _answers(
        self, asked: Mapping[str, tuple[Settings, ...]], holds: Holds
    ) -> dict[str, tuple[bool, ...]]:
        most = max(len(sets) for sets in asked.values())
        rounds = [
            {place: sets[n] for place, sets in asked.items() if n < len(sets)} for n in range(most)
        ]
        unions = [tuple(s for settings in each.values() for s in settings) for each in rounds]
        found = await self.judge(*unions)
        answers: dict[str, list[bool]] = {place: [] for place in asked}
        for each, together in zip(rounds, found, strict=True):
            for place, settings in each.items():
                one = together
                if not together.starts and len(each) > 1:
                    (one,) = await self.judge(settings)
                answers[place].append(one.starts and holds(place, one))
        return {place: tuple(each) for place, each in answers.items()}


def _step(
    place: str,
    search: Asking,
    answer: tuple[bool, ...] | None,
    asked: dict[str, tuple[Settings, ...]],
    done: dict[str, Settings],
) -> None:
    try:
        asked[place] = next(search) if answer is None else search.send(answer)
    except StopIteration as end:
        done[place] = end.value


def _named(settings: Settings, complaint: str) -> Settings:
    """The settings that QEMU's complaint names, unless it names all or none.

    Its echo of the argument (`-device …: `) names all of them and is passed over; it shouts
    some (`VIRTIO_F_IOMMU_PLATFORM was supported by neither legacy nor transitional device`).
    """
    text = _ECHO.sub("", complaint).lower()
    named = tuple(each for each in settings if each.name and each.name.lower() in text)
    return named if 0 < len(named) < len(settings) else ()
