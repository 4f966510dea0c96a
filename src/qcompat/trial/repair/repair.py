"""Repairing a guest's way to a build: the search with real portraits, its proof, its answer."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence

import msgspec

from qcompat.builds.build import Build
from qcompat.guest.guest import Guest
from qcompat.portrait.portrait import Accel, Portrait
from qcompat.portrait.portraits import Portraits
from qcompat.remedy.device_line import device_options
from qcompat.remedy.places import CPU
from qcompat.trial.repair.ask_offers import ask_offers
from qcompat.trial.repair.bounds import Bounds, Budget
from qcompat.trial.repair.case import Case
from qcompat.trial.repair.instead import Detours
from qcompat.trial.repair.portray import Portraying
from qcompat.trial.repair.proving import Proof, Proving
from qcompat.trial.repair.sweeping import sweep
from qcompat.trial.repair.telling import remedy, unrepairable, unsent
from qcompat.verdict.judge import judge
from qcompat.verdict.judgement import Verdict
from qcompat.verdict.remedy import Remedy, Unrepairable
from qcompat.verdict.repair.goal import Goal
from qcompat.verdict.repair.search import search


async def repair(
    portraits: Portraits,
    source: Portrait,
    target: Build,
    guest: Guest,
    *,
    promise: Goal = "unchanged",
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
    base = await portraits.of(target, guest, moment=source.moment, accel=source.accel)
    if is_kept(judge(source, base).forward, promise):
        return None
    budget = Budget(bounds or Bounds())
    case = await _searched(portraits, source, base, target, promise, budget)
    async with _proving(prove, source, target) as proving:
        return await _answer(portraits, case, proving, others, prove)


def is_kept(verdict: Verdict, promise: Goal) -> bool:
    """Whether a verdict keeps a promise, so that there is nothing to repair."""
    return verdict.verdict == "ok" or (promise == "loads" and verdict.verdict == "drift")


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
    offers = await ask_offers(target, (source, base), named, source.accel)
    portray = Portraying(portraits, target, base, offers, budget)
    found, attempts = await search(source, base, offers, portray, promise)
    return Case(source, base, target, offers, budget, found, attempts)


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
    spent = case.found.spent or (case.budget.spent if proving and not is_swept else "")
    proof = await _proof(case, proving) if proving else None
    if case.loads:
        return remedy(case, proof)
    detours = Detours(portraits, case, home)
    instead = await detours.tell(others)
    return unrepairable(case, proof, instead, is_swept=is_swept, spent=spent)


async def _proof(case: Case, proving: Proving) -> Proof:
    """Loads without and with what was found; where processors drift, what the guest finds."""
    bare, remedied = case.base.guest, case.guest() if case.found.settings else None
    proof = await proving.prove(bare, remedied)
    if remedied is None or not proof.without.loads or CPU not in case.found.before.costs:
        return proof
    seen = await proving.same_processor(bare, remedied)
    return msgspec.structs.replace(proof, same_processor=seen)
