"""Repairing a guest's way to a build: the search with real portraits, its proof, its answer.

Where nothing helps, every single property is tried alone, which proves it.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence

import msgspec

from qcompat.builds.build import Build
from qcompat.errors import GuestError
from qcompat.guest.guest import Guest
from qcompat.portrait.portrait import Accel, Portrait
from qcompat.portrait.portraits import Portraits
from qcompat.remedy.device_line import device_options
from qcompat.remedy.places import CPU
from qcompat.remedy.setting import Setting
from qcompat.trial.repair.answer import remedy, unrepairable, unsent
from qcompat.trial.repair.ask_properties import ask_properties
from qcompat.trial.repair.case import Bounds, Budget, Case, Portraying
from qcompat.trial.repair.detours import Detours
from qcompat.trial.repair.proof import Proving
from qcompat.verdict.goal import USUAL, Goal
from qcompat.verdict.judge import judge
from qcompat.verdict.judgement import Verdict
from qcompat.verdict.proof import Proof
from qcompat.verdict.remedy import Remedy, Unrepairable
from qcompat.verdict.search.attempts import Settings
from qcompat.verdict.search.cost import Judged
from qcompat.verdict.search.other_values import each_alone, singles
from qcompat.verdict.search.search import search


async def repair(
    portraits: Portraits,
    source: Portrait,
    target: Build,
    guest: Guest,
    *,
    promise: Goal = USUAL,
    prove: Build | None = None,
    accel: Accel | None = None,
    others: Sequence[Build] = (),
    bounds: Bounds | None = None,
) -> Remedy | Unrepairable | None:
    """What `guest` must be given on `target` so that it takes what `source` sends.

    None where the promise is kept without a remedy. A remedy without settings says that the
    guest loads as it is, and that nothing takes away what it sees changed. `prove` is the
    source's build: with it the remedy is really loaded (and every single property, where none
    helps). `others` are builds to look for a detour over. `accel` must be the source's.

    Errors: what taking portraits and starting builds raises.
    """
    assert accel in (None, source.accel), "both ends run with the same accelerator"
    if source.refusal is not None:
        return unsent(source.refusal)
    base = await portraits.of(target, guest, moment=source.twins_moment, accel=source.accel)
    if is_kept(judge(source, base).forward, promise):
        return None
    budget = Budget(bounds or Bounds())
    case = await _searched(portraits, source, base, target, promise, budget)
    async with _proving(prove, source, target) as proving:
        return await _answer(portraits, case, proving, others, prove)


def is_kept(verdict: Verdict, promise: Goal) -> bool:
    """Whether a verdict keeps a promise, so that there is nothing to repair."""
    return verdict.about(promise) == "ok"


async def _searched(
    portraits: Portraits,
    source: Portrait,
    base: Portrait,
    target: Build,
    promise: Goal,
    budget: Budget,
) -> Case:
    lines = device_options(base.guest.arguments)
    named = {dict(fields).get("driver", "") for _, fields in lines}
    properties = await ask_properties(target, (source, base), named, source.accel)
    portray = Portraying(portraits, target, base, properties, budget)
    found, attempts = await search(source, base, properties, portray, promise)
    return Case(source, base, target, properties, budget, found, attempts)


@contextlib.asynccontextmanager
async def _proving(
    build: Build | None, source: Portrait, target: Build
) -> AsyncIterator[Proving | None]:
    if build is None:
        yield None
        return
    async with Proving(build, source, target) as proving:
        yield proving


async def _answer(
    portraits: Portraits,
    case: Case,
    proving: Proving | None,
    others: Sequence[Build],
    home: Build | None,
) -> Remedy | Unrepairable:
    is_swept = not case.loads and proving is not None and await sweep(case, proving)
    spent = case.found.spent or (case.budget.spent if proving and not is_swept else None)
    proof = await _proof(case, proving) if proving else None
    if case.loads:
        return remedy(case, proof)
    detours = await Detours(portraits, case, home).over(others)
    return unrepairable(case, proof, detours, is_swept=is_swept, spent=spent)


async def _proof(case: Case, proving: Proving) -> Proof:
    """Loads without and with what was found; where processors drift, what the guest finds."""
    bare, remedied = case.base.guest, case.guest() if case.found.settings else None
    proof = await proving.prove(bare, remedied)
    if remedied is None or not proof.without.loads or CPU not in case.found.before.costs:
        return proof
    seen = await proving.same_processor(bare, remedied)
    return msgspec.structs.replace(proof, same_processor=seen)


async def sweep(case: Case, proving: Proving) -> bool:
    """Try every single setting where the guest is still refused; whether all were tried.

    What helps after all is added to what the case found. Where one device is refused, each
    setting is judged by a real load; where several are, QEMU names only the first of them, so
    portraits are compared.
    """
    if not case.found.after.starts:
        return False
    every = singles(case.found.after, case.properties)
    case.tried = {place: len(settings) for place, settings in every.items()}
    if len(every) == 1:
        await _by_loads(case, proving, next(iter(every.values())))
    else:
        await _by_portraits(case, every)
    return not case.budget.spent and not proving.untried


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
