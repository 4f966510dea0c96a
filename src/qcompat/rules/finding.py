"""What a finding is: one promise that breaks, why, how sure, and what repairs it."""

from __future__ import annotations

from typing import Literal

import msgspec

from qcompat.rules.subject import Subject

Promise = Literal["loads", "unchanged", "returns"]
Certainty = Literal["proven", "certain", "likely", "possible"]
When = Literal["now", "reset"]


class Evidence(msgspec.Struct, frozen=True):
    """What a finding stands on: a property, field, register or block, with both values.

    A value that one end does not have is None.
    """

    what: str
    source: str | None
    target: str | None


class Finding(msgspec.Struct, frozen=True):
    """A rule's answer for one direction of one pair of portraits.

    `subject` is what it is about. `summary` speaks to
    an operator: what happens to the guest, then the cause. `remedy` is what to set on the
    target, as text to paste, or None where none is known. `undecided` says that the rule could
    not learn enough. `when` is `reset` for what the guest notices only after its next reset.
    """

    rule: str
    promise: Promise
    certainty: Certainty
    subject: Subject
    summary: str
    evidence: tuple[Evidence, ...]
    remedy: str | None = None
    undecided: bool = False
    when: When = "now"
