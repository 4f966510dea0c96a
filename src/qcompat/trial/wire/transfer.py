"""What came of a migration between two running QEMUs."""

from __future__ import annotations

import msgspec

from qcompat.qemu.outcome import Outcome


class Transfer(msgspec.Struct, frozen=True):
    """One migration, as both ends tell of it.

    `outcome` is the target's fate: `loaded`, or what went wrong and QEMU's word. `downtime` and
    `total` are the source's figures in milliseconds, None where it gave none. `status` is the
    source's last migration status; the errors are what either end complained of.
    """

    outcome: Outcome
    status: str = ""
    downtime: float | None = None
    total: float | None = None
    source_error: str = ""
    target_error: str = ""
