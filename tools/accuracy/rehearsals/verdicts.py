"""What portraits of each moment say of the cells, made anew from what is kept: no guest runs.

A guest whose firmware was idle ran under KVM, and its portraits are taken so; but Linux is booted
by TCG, as `--moment booted` does it where nobody asks for KVM. Portraits come from the cache of
portraits, or are taken.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable
from typing import Literal

import msgspec

from qcompat.errors import QcompatError
from qcompat.guest.guest import Guest
from qcompat.portrait.portrait import Accel, Moment, Portrait
from qcompat.portrait.portraits import Portraits
from qcompat.verdict.judge import judge
from qcompat.verdict.judgement import Answer, Verdict
from tools.accuracy.rehearsals.cell import Cell
from tools.accuracy.rehearsals.guests import recipes
from tools.accuracy.rehearsals.truth import Truth

MOMENTS: tuple[Moment, ...] = ("reset", "firmware", "booted", "running")


async def score(
    truth: Truth, portraits: Portraits, on_progress: Callable[[str], None], end: float = math.inf
) -> tuple[Cell, ...]:
    """The cells with the verdicts of all moments.

    From `end` on (monotonic time) no portrait is taken any more: where one is not at hand, its
    moment has no verdict. `on_progress` gets a line for every wrong verdict and for every one that
    could not be had.
    """
    judges = Judges(truth, portraits, end)
    scored: list[Cell] = []
    for cell in truth.cells():
        verdicts: dict[str, Answer] = {}
        for moment in MOMENTS:
            said = await judges.verdict(cell, moment)
            if isinstance(said, Verdict):
                verdicts[moment] = said.verdict
            if told := _worth_telling(said, cell):
                way = f"{cell.guest}, {cell.machine}, {cell.state}, {cell.source} → {cell.target}"
                on_progress(f"{way}, by {moment}: {told}")
        scored.append(msgspec.structs.replace(cell, verdicts=verdicts))
    return tuple(scored)


def _worth_telling(said: Verdict | str, cell: Cell) -> str:
    if isinstance(said, str):
        return said
    kind = kind_of(said.verdict, loads=cell.real.loads)
    if kind == "right":
        return ""
    rules = Counter(f"{f.rule} ({f.certainty})" for f in said.findings if f.promise == "loads")
    told = ", ".join(f"{count} {rule}" for rule, count in rules.items())
    return f"{kind}: {told or 'no finding'}; really: {cell.real.kind} {cell.real.message[-160:]}"


class Judges:
    """Verdicts about cells; a portrait that could not be taken is not tried again."""

    def __init__(self, truth: Truth, portraits: Portraits, end: float = math.inf) -> None:
        self._truth, self._portraits, self._end = truth, portraits, end
        self._recipes = {recipe.name: recipe for recipe in recipes()}
        self._failed: dict[tuple[str, ...], str] = {}

    async def verdict(self, cell: Cell, moment: Moment) -> Verdict | str:
        """What the portraits of a moment say, or why they say nothing."""
        try:
            ends = await self.portraits(cell, moment)
        except QcompatError as error:
            return error.message
        return judge(*ends).forward

    async def portraits(self, cell: Cell, moment: Moment) -> tuple[Portrait, Portrait]:
        """The portraits of both ends at a moment; that of now is held against one at reset."""
        if moment != "running":
            source = await self._portrait(cell, cell.source, moment)
            return source, await self._portrait(cell, cell.target, moment)
        twin = await self._portrait(cell, cell.source, "reset")
        now = self._truth.taken(cell).portrait(twin)
        return now, await self._portrait(cell, cell.target, "reset")

    async def _portrait(self, cell: Cell, build: str, moment: Moment) -> Portrait:
        accel: Accel = "tcg" if moment == "booted" else cell.accel
        guest = self._guest(cell)
        key = (build, moment, accel, *guest.arguments)
        if key in self._failed:
            raise QcompatError(self._failed[key])
        if time.monotonic() >= self._end:
            return self._at_hand(build, guest, moment, accel)
        try:
            return await self._portraits.of(build, guest, moment=moment, accel=accel)
        except QcompatError as error:
            self._failed[key] = error.message
            raise

    def _at_hand(self, build: str, guest: Guest, moment: Moment, accel: Accel) -> Portrait:
        known = self._portraits.registry.get(build)
        kept = self._portraits.at_hand(known, guest, moment=moment, accel=accel)
        if "cached" not in kept:
            raise QcompatError("its portrait is not at hand")
        return kept["cached"]

    def _guest(self, cell: Cell) -> Guest:
        return self._recipes[cell.guest].guest(cell.machine, plugged=cell.plugged)


Kind = Literal["right", "missed", "false alarm", "unknown"]


def kind_of(verdict: Answer, *, loads: bool) -> Kind:
    """How a verdict did, by what really happened."""
    if verdict == "unknown":
        return "unknown"
    if (verdict == "blocked") != loads:
        return "right"
    return "false alarm" if loads else "missed"
