"""All checks of one hop: two reports of the guest compared."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from qcompat.trial.live.agent.messages import GuestReport
from qcompat.trial.live.checks.cpu import check_cpu
from qcompat.trial.live.checks.hardware import check_devices, check_pci
from qcompat.trial.live.checks.tables import check_tables
from qcompat.trial.live.checks.work import check_clock, check_work
from qcompat.trial.trial import Check


def compare_reports(
    before: GuestReport, after: GuestReport, patterns: Collection[str], *, was_reset: bool = False
) -> tuple[Check, ...]:
    """What the guest found after a hop, or after a reset that followed it, and before the hop."""
    found = _checks(before, after, patterns, was_reset)
    if not was_reset:
        return tuple(found)
    return tuple(
        msgspec.structs.replace(check, what=f"{check.what} after reset") for check in found
    )


def _checks(
    before: GuestReport, after: GuestReport, patterns: Collection[str], was_reset: bool
) -> Iterator[Check]:
    yield from check_work(before, after, patterns)
    yield from check_pci(before, after, was_reset=was_reset)
    yield from check_cpu(before, after)
    yield from check_tables(before, after)
    yield from check_devices(before, after)
    yield from check_clock(before, after, was_reset=was_reset)
