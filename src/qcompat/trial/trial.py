"""What a trial is: a guest that really migrates from build to build, and what came of each hop.

`canary` runs paused guests, `live` booted ones, `rehearsal` loads what a running guest is now;
`prediction` says whether the outcome is what was predicted, and `report` shows it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from qcompat.guest.guest import Guest
from qcompat.qemu.outcome import Outcome
from qcompat.rules.finding import Finding
from qcompat.rules.registry import RULES
from qcompat.trial.cause import Cause
from qcompat.verdict.judgement import Answer, tried

Method = Literal["canary", "live", "rehearsal"]
Variant = Literal["precopy", "postcopy", "multifd"]
Saw = Literal["same", "changed", "broken"]
Ending = Literal[
    "loaded", "refused", "no_start", "no_stream", "crashed", "hung", "untried", "broken"
]


class Check(msgspec.Struct, frozen=True):
    """What a live guest found of itself after a hop.

    `what` names it (`heartbeat`, `memory pattern`, `PCI configuration`). `changed` is a value that
    differs from before the hop (drift, seen by the guest itself), `broken` something that no
    longer works. `before` and `after` say briefly what was seen.
    """

    what: str
    saw: Saw
    before: str = ""
    after: str = ""


class Hop(msgspec.Struct, frozen=True):
    """One real migration, from `source` to `target` (names of builds).

    `predicted` is the verdict of that direction, with its `findings`; None where there is no
    verdict, and `unpredicted` says why. Of a failure, `cause` is what QEMU's words mean and
    `finding` the one that predicted it. Times are milliseconds, None where there was nothing to
    measure (a canary has no downtime). `was_reset` says that the guest was reset on the target
    after it arrived. The logs are what either QEMU printed.
    """

    source: str
    target: str
    outcome: Outcome
    predicted: Answer | None = None
    findings: tuple[Finding, ...] = ()
    unpredicted: str = ""
    cause: Cause | None = None
    finding: Finding | None = None
    downtime: float | None = None
    total: float | None = None
    was_reset: bool = False
    checks: tuple[Check, ...] = ()
    source_log: str = ""
    target_log: str = ""

    @property
    def ending(self) -> Ending:
        """How it ended: the kind of outcome, or `broken` where a check found that."""
        if self.outcome.loads and any(check.saw == "broken" for check in self.checks):
            return "broken"
        return self.outcome.kind

    @property
    def answer(self) -> Answer:
        """What really happened, in the words of a verdict; `drift` is what the guest saw."""
        if self.ending != "loaded":
            return "blocked"
        return "drift" if any(check.saw == "changed" for check in self.checks) else "ok"

    @property
    def contradicts(self) -> bool:
        """Whether the verdict said that it loads and it does not, or the reverse."""
        if self.predicted is None or tried(self.predicted, self.findings) == "unknown":
            return False
        return (tried(self.predicted, self.findings) == "blocked") == self.outcome.loads

    @property
    def is_barred(self) -> bool:
        """Whether it loads, and would not with what was left out of the trial."""
        return self.outcome.loads and self.predicted == "blocked" and not self.contradicts

    @property
    def bars(self) -> tuple[Finding, ...]:
        """What was left out of a trial that it bars."""
        found = (each for each in self.findings if RULES[each.rule].is_uncovered)
        return tuple(each for each in found if each.certainty != "possible" and self.is_barred)


class Trial(msgspec.Struct, frozen=True):
    """The hops of one guest, in order; it ends with the first hop that fails.

    `builds` are the stops that were asked for. Of a repeated trial, `outcomes` counts how often
    each ending was seen, such as {"loaded": 2, "refused": 1}, or in a chain, with the hop,
    {"loaded": 2, "refused at hop 2": 1}.
    """

    guest: Guest
    method: Method
    variant: Variant
    builds: tuple[str, ...]
    hops: tuple[Hop, ...]
    outcomes: dict[str, int] = {}

    @property
    def ending(self) -> str:
        """How it ended, as `outcomes` counts it."""
        last = self.hops[-1].ending if self.hops else "loaded"
        is_chain = len(self.builds) > 2
        return f"{last} at hop {len(self.hops)}" if is_chain and last != "loaded" else last

    @property
    def succeeds(self) -> bool:
        """Whether every hop was made and nothing is broken."""
        return len(self.hops) == len(self.builds) - 1 and self.ending == "loaded"

    @property
    def is_barred(self) -> bool:
        """Whether a hop would fail with what was left out."""
        return any(hop.is_barred for hop in self.hops)

    @property
    def is_whole(self) -> bool:
        """Whether the guest that was tried is the guest that was asked about."""
        return not self.guest.missing

    @property
    def is_flaky(self) -> bool:
        """Whether the outcome varied between runs."""
        return len(self.outcomes) > 1

    @property
    def contradicts(self) -> bool:
        """Whether an outcome that does not vary contradicts its verdict."""
        return not self.is_flaky and any(hop.contradicts for hop in self.hops)
