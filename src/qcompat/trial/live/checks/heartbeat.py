"""The heartbeat: the guest counts ten times a second, on the source and on the target alike."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from qcompat.trial.live.speech import Beat
from qcompat.trial.trial import Check

_WHAT = "heartbeat"


def check_heartbeat(beats: Sequence[Beat]) -> Check:
    """`beats` are those of one boot, from the last one before the hop began."""
    if len(beats) < 2:
        return Check(_WHAT, "broken", "ten a second", "silent")
    before = f"beat {beats[0].number}"
    for one, other in pairwise(beats):
        if other.number != one.number + 1:
            lost = f"beat {other.number} follows beat {one.number}"
            return Check(_WHAT, "broken", before, lost)
        if other.uptime < one.uptime:
            lost = f"its uptime went from {one.uptime} s to {other.uptime} s"
            return Check(_WHAT, "broken", before, lost)
    gap = max(other.at - one.at for one, other in pairwise(beats)) * 1000
    return Check(_WHAT, "same", before, f"beat {beats[-1].number}, longest gap {gap:.0f} ms")
