"""All checks of one hop."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from qcompat.trial.live.checks.clock import check_clock
from qcompat.trial.live.checks.cpu import check_cpu
from qcompat.trial.live.checks.facts import check_facts
from qcompat.trial.live.checks.pci import check_pci
from qcompat.trial.live.checks.tables import check_tables
from qcompat.trial.live.checks.work import check_work
from qcompat.trial.live.report import Report
from qcompat.trial.trial import Check


def compare_reports(
    before: Report, after: Report, patterns: Collection[str], *, was_reset: bool = False
) -> tuple[Check, ...]:
    """What the guest found after a hop, or after a reset behind it, against what it was before."""
    found = _checks(before, after, patterns, was_reset)
    if not was_reset:
        return tuple(found)
    return tuple(
        msgspec.structs.replace(check, what=f"{check.what} after reset") for check in found
    )


def _checks(
    before: Report, after: Report, patterns: Collection[str], was_reset: bool
) -> Iterator[Check]:
    yield from check_work(before, after, patterns)
    yield from check_pci(before, after, was_reset=was_reset)
    yield from check_cpu(before, after)
    yield from check_tables(before, after)
    yield from check_facts(before, after)
    yield from check_clock(before, after, was_reset=was_reset)
