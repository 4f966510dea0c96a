"""The first question, of a running guest: can it migrate there as it is now, and back?"""

from __future__ import annotations

import msgspec

from qcompat.app.check import Checked, judged
from qcompat.app.rehearse.guest_now import GuestNow
from qcompat.app.running.targets import distinct
from qcompat.portrait.portraits import Portraits


class CheckedNow(msgspec.Struct, frozen=True):
    """The guest, and what was judged, a target each."""

    now: GuestNow
    checks: tuple[Checked, ...]


async def check_now(now: GuestNow, targets: tuple[str, ...], portraits: Portraits) -> CheckedNow:
    """Judge a running guest against every target, builds or portrait files.

    A target has never run the guest: its portrait is of the twin there, before the firmware ran.
    Errors: UsageError without a target, and as `check`.
    """
    source = now.portrait
    checks = [
        judged(source, await portraits.of(target, source.guest, accel=source.accel))
        for target in distinct(targets)
    ]
    return CheckedNow(now, tuple(checks))
