"""One cell: a running guest rehearsed on a target, and really migrated there at the same moment."""

from __future__ import annotations

from typing import Literal

import msgspec

from qcompat.portrait.portrait import Accel
from qcompat.qemu.outcome import Outcome
from qcompat.trial.cause import cause_of
from qcompat.verdict.judgement import Answer

State = Literal["firmware", "booted", "loaded", "plugged"]
"""What the guest had done: its firmware was idle (KVM), Linux was up (TCG), it had worked its
disks and cards for a while, devices had been plugged in."""


class Cell(msgspec.Struct, frozen=True):
    """What came of a guest in one state from one build to another, both ways of asking.

    `plugged` are the words of what was plugged into it, `load` the seconds of its work so far.
    `verdicts` are what the portraits of each moment say of the same way, by moment. `pause` is the
    guest's, in ms. `at` says when it was measured, and with which code.
    """

    guest: str
    machine: str
    source: str
    target: str
    state: State
    rehearsed: Outcome
    real: Outcome
    plugged: tuple[str, ...] = ()
    load: float = 0.0
    verdicts: dict[str, Answer] = {}
    pause: float = 0.0
    at: str = ""

    @property
    def accel(self) -> Accel:
        """What ran the guest."""
        return "kvm" if self.state == "firmware" else "tcg"

    @property
    def agrees(self) -> bool:
        """Whether both ended alike."""
        return self.rehearsed.loads == self.real.loads

    @property
    def has_same_cause(self) -> bool:
        """Whether both were refused for the same thing, as far as it is known."""
        causes = [cause_of(outcome) for outcome in (self.rehearsed, self.real)]
        kinds = [(c.kind, c.section, c.details) if c else None for c in causes]
        return kinds[0] == kinds[1]
