"""The proof that no property helps: every single one tried alone."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from qcompat.errors import GuestError
from qcompat.guest.guest import Guest
from qcompat.remedy.setting import Setting
from qcompat.trial.repair.case import Case
from qcompat.trial.repair.proving import Proving
from qcompat.verdict.repair.attempts import Settings
from qcompat.verdict.repair.cost import Judged
from qcompat.verdict.repair.sweep import each_alone, singles


async def sweep(case: Case, proving: Proving) -> bool:
    """Try every single setting where the guest is still refused; whether all were tried.

    What helps after all is added to what the case found. Where one device is refused, a real
    load tells of each setting; of several, QEMU names but the first, so there portraits do.
    """
    if not case.found.after.starts:
        return False
    every = singles(case.found.after, case.offers)
    case.tried = {place: len(settings) for place, settings in every.items()}
    if len(every) == 1:
        await _by_loads(case, proving, next(iter(every.values())))
    else:
        await _by_portraits(case, every)
    return not case.budget.spent


async def _by_loads(case: Case, proving: Proving, settings: Settings) -> None:
    guests: list[tuple[Setting, Guest]] = []
    for each in settings:
        with contextlib.suppress(GuestError):
            guests.append((each, case.guest(each)))
    helpful = await proving.first_that_loads([guest for _, guest in guests], case.budget)
    if helpful is not None:
        await case.add(guests[helpful][0])


async def _by_portraits(case: Case, every: Mapping[str, Settings]) -> None:
    before = case.found.after
    case.attempts.always = case.found.settings

    def helps(place: str, found: Judged) -> bool:
        return found.at(place).blocked < before.at(place).blocked

    searches = {place: each_alone(settings) for place, settings in every.items()}
    helpful = await case.attempts.race(searches, helps)
    case.attempts.always = ()
    await case.add(*(setting for settings in helpful.values() for setting in settings))
