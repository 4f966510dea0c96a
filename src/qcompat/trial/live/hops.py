"""One hop of a live guest as it is put together: what either end was, and what came of it."""

from __future__ import annotations

import msgspec

from qcompat.errors import QemuError
from qcompat.qemu.incoming import outcome_of
from qcompat.trial.live.life import Life
from qcompat.trial.live.report import Report
from qcompat.trial.stop import Stop
from qcompat.trial.trial import Hop
from qcompat.trial.wire.transfer import Transfer


class Arrived(msgspec.Struct, frozen=True):
    """Where the guest is after a hop, and what it says of itself there."""

    life: Life
    report: Report


def moved_hop(source: Stop, target: Stop, moved: Transfer, here: Life, there: Life) -> Hop:
    return Hop(
        source=source.build.name,
        target=target.build.name,
        outcome=moved.outcome,
        downtime=moved.downtime,
        total=moved.total,
        source_log=here.qemu.log,
        target_log=there.qemu.log,
    )


def unstarted_hop(source: Stop, target: Stop, error: QemuError, here: Life) -> Hop:
    """The target does not start the guest."""
    return Hop(
        source=source.build.name,
        target=target.build.name,
        outcome=outcome_of(error),
        source_log=here.qemu.log,
        target_log=error.log,
    )
