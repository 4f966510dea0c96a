"""Verdicts of `check` against what really happened to whole guests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Literal

import msgspec

from qcompat.app.asked_guest import AskedGuest
from qcompat.app.check import CheckQuestion, check
from qcompat.errors import QcompatError
from qcompat.guest.given.line import guest_of
from qcompat.portrait.portraits import AccelChoice, Portraits
from qcompat.report.finding import summary_text
from qcompat.verdict.judgement import Verdict
from tools.accuracy.whole.measure import Whole
from tools.accuracy.whole.realise.line import read
from tools.accuracy.whole.realise.load import Loaded

AT_ONCE = 4
Kind = Literal["right", "missed", "false_alarm", "unknown", "no_answer"]


class WholeScored(msgspec.Struct, frozen=True):
    """One cell: a guest between two builds, what happened, what was said and why.

    `said` is the verdict; empty where `check` ended with an error, which `why` then is.
    """

    name: str
    source: str
    load: Loaded
    said: str
    why: str

    @property
    def loads(self) -> bool:
        """Whether the target really took it."""
        return self.load.kind == "loaded"

    @property
    def kind(self) -> Kind:
        """`missed` is said to load, and failed; `false_alarm` is said to fail, and loaded."""
        if not self.said:
            return "no_answer"
        if self.said == "unknown":
            return "unknown"
        said = self.said in ("ok", "drift")
        if said == self.loads:
            return "right"
        return "missed" if said else "false_alarm"


async def score(guests: Iterable[Whole], portraits: Portraits) -> list[WholeScored]:
    """Ask `check` about every load that was had."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(whole: Whole, load: Loaded) -> WholeScored:
        async with gate:
            said, why = await _ask(whole, load, portraits)
        return WholeScored(whole.name, whole.source, load, said, why)

    cells = [(whole, load) for whole in guests for load in whole.loads if load.kind != "not_had"]
    return await asyncio.gather(*(one(whole, load) for whole, load in cells))


async def _ask(whole: Whole, load: Loaded, portraits: Portraits) -> tuple[str, str]:
    try:
        asked = AskedGuest(guest_of(whole.words), _accel(whole))
        checked = await check(CheckQuestion(whole.source, load.target, asked), portraits)
    except QcompatError as error:
        return "", error.message
    verdict = checked.judgement.forward
    return verdict.verdict, _reasons(verdict)


def _accel(whole: Whole) -> AccelChoice:
    """What runs the guest of the line, as `--accel` says it."""
    named = [option.kind for option in read(whole.words) if option.name == "accel"]
    return "tcg" if named[-1:] == ["tcg"] else "auto"


def _reasons(verdict: Verdict) -> str:
    return "; ".join(f"{finding.rule}: {summary_text(finding)}" for finding in verdict.findings)
