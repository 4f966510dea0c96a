"""What a finding is: one promise that breaks, why, how sure, and what repairs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from qcompat.rules.effect import When
from qcompat.rules.subject import Subject

Promise = Literal["loads", "unchanged", "returns"]
Certainty = Literal["proven", "certain", "likely", "possible"]
Arg = str | int | tuple[str | int, ...] | Subject


class Evidence(msgspec.Struct, frozen=True):
    """What a finding stands on: a property, field, register or block, with both values.

    A value that one end does not have is None.
    """

    what: str
    source: str | None
    target: str | None


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """A rule's answer for one direction of one pair of portraits.

    `subject` is what it is about. Its summary is made in `report` from the sentence of the
    rule's `case` and the `args` in it. `remedy` is what to set on the target, as text to paste,
    or None where none is known; `no_property` says that no property of the device can help.
    `undecided` says that the rule could not learn enough, `was_reset` that the guest was reset
    since, which clears it unless its drivers made it stay. `when` is the rule's (`Rule.effect`),
    put in by the registry. `advisories` are the published breaks that this is.
    """

    rule: str
    promise: Promise
    certainty: Certainty
    subject: Subject
    args: Mapping[str, Arg]
    evidence: tuple[Evidence, ...] = ()
    remedy: str | None = None
    undecided: bool = False
    when: When = "now"
    case: str = ""
    no_property: bool = False
    was_reset: bool = False
    advisories: tuple[str, ...] = ()
