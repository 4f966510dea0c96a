"""What a rule says of itself: all that anything else needs to know of it.

A rule is a module with a `RULE` and a `find`, somewhere below this package; the registry finds
it. Nothing outside these files lists rules by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, get_args

import msgspec

from qcompat.compare.comparison import Comparison
from qcompat.rules.effect import AT_LOAD, NOT_KNOWN, Effect
from qcompat.rules.finding import Finding, Promise

Find = Callable[[Comparison], Iterator[Finding]]

Stage = Literal[
    "start",
    "configuration",
    "memory",
    "sections",
    "devices",
    "hosts",
    "advisories",
    "running",
    "reset",
    "notes",
]
"""In the order in which QEMU, then the guest, would come upon what the rules find.

Whether the ends start and save the guest; the head of the stream; its memory blocks; its
sections; what devices check of their own state; what hosts lack; published breaks; what the
running guest sees; what it sees after a reset; what is only worth noting.
"""
STAGES: tuple[Stage, ...] = get_args(Stage)


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule.

    `id` is its file's name. Findings come in the order of `stage`, then `position`. `says` are
    its sentences by case, with the args of a finding in braces (`{names:or}` joins with "or").
    `effect` is when the guest meets what it finds of `unchanged`, and why then.
    `explains` names the rules whose findings on the same device follow from one of this rule.
    `foretells` names the messages (`trial/refusals.toml`) with which QEMU then refuses.
    `travels`: it is about a value that the stream carries, so that a build on the way does not
    shed it. `names_settings`: it only says what was set differently. `is_note`: the guest will
    not notice what it finds, which is told and never counts. `is_uncovered`: it is about
    a part of the guest that no twin has, so that no remedy and no trial reaches it. `remedy_at`
    is where the remedy is set: at the finding's subject, or at the processors. `needs_model`: it
    reads the contents of a state, and speaks only of states whose contents are modelled
    (`unmodelled_state_unproven`).
    """

    id: str
    stage: Stage
    position: int
    says: Mapping[str, str]
    effect: Effect = NOT_KNOWN
    explains: tuple[str, ...] = ()
    foretells: tuple[str, ...] = ()
    travels: bool = False
    names_settings: bool = False
    is_note: bool = False
    is_uncovered: bool = False
    remedy_at: Literal["subject", "cpu"] = "subject"
    needs_model: bool = False

    def effect_on(self, promise: Promise) -> Effect:
        """When the guest meets a finding of this promise."""
        return self.effect if promise == "unchanged" else AT_LOAD
