"""Ends that did not get as far as a full portrait, and parts that could not be learned."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.difference import Difference
from qcompat.portrait.portrait import Portrait, Refusal


class RefusalDiffers(Difference[Refusal | None], frozen=True, kw_only=True):
    """At least one end refused the guest; both values are set where both did."""


class GapDiffers(Difference[str | None], frozen=True, kw_only=True):
    """A part that could not be learned on an end; each value is the reason there."""

    part: str


def is_unformed(portrait: Portrait) -> bool:
    """Whether the guest never ran there, so that its portrait shows nothing to compare."""
    return portrait.refusal is not None and not portrait.refusal.has_started


def compare_refusals(source: Portrait, target: Portrait) -> Iterator[RefusalDiffers]:
    if source.refusal or target.refusal:
        yield RefusalDiffers(source=source.refusal, target=target.refusal)


def compare_gaps(source: Portrait, target: Portrait) -> Iterator[GapDiffers]:
    ours = {gap.part: gap.reason for gap in source.gaps}
    theirs = {gap.part: gap.reason for gap in target.gaps}
    for part in sorted(ours.keys() | theirs.keys()):
        yield GapDiffers(part=part, source=ours.get(part), target=theirs.get(part))
