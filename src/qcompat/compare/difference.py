"""What a difference is: a place where two portraits differ, without an opinion.

Kinds of differences live beside the part of a portrait that they speak of (`sections`,
`layout`, `pci`, …), what a difference means is for `rules`. Every kind carries exactly one
pair of values, named `source` and `target`; that is what makes a comparison reversible
without matching again.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

Value = TypeVar("Value")
SomeDifference = TypeVar("SomeDifference", bound="Difference[object]")


class Difference(msgspec.Struct, Generic[Value], frozen=True, kw_only=True):
    """One place where the two ends do not agree; None stands for what an end does not have."""

    source: Value
    target: Value


def swapped(difference: SomeDifference) -> SomeDifference:
    """The same difference, seen in the other direction."""
    return msgspec.structs.replace(difference, source=difference.target, target=difference.source)
