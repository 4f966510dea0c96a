"""What an exit code says: whether the promises that are counted are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from qcompat.verdict.goal import USUAL, Goal
from qcompat.verdict.judgement import Answer, Verdict

Kept = Literal["kept", "broken", "unknown"]
EXIT_CODES: Mapping[Kept, int] = {"kept": 0, "broken": 1, "unknown": 3}
_KEPT: Mapping[Answer, Kept] = {
    "ok": "kept",
    "drift": "broken",
    "blocked": "broken",
    "unknown": "unknown",
}


def kept_of(answer: Answer) -> Kept:
    """Whether an answer keeps the promises that it is about."""
    return _KEPT[answer]


class Gate(msgspec.Struct, frozen=True):
    """The promises that are counted, `goal`.

    `is_strict`: that the target may refuse the guest, depending on what it did, leaves it open
    whether they are kept.
    """

    goal: Goal = USUAL
    is_strict: bool = False

    def kept(self, verdict: Verdict) -> Kept:
        """Whether the verdict keeps them."""
        kept = kept_of(verdict.about(self.goal))
        return "unknown" if kept == "kept" and self.is_strict and verdict.may_refuse else kept

    def exit_code(self, verdict: Verdict) -> int:
        """What a command ends with that is asked for this verdict."""
        return EXIT_CODES[self.kept(verdict)]

    def exit(self, verdict: Verdict) -> Exit:
        """The same, with what it counts."""
        return Exit(self.exit_code(verdict), self)


class Exit(msgspec.Struct, frozen=True):
    """The code that a command ends with, and what it counts."""

    code: int
    gate: Gate
