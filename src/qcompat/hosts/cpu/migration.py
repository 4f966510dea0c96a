"""Whether a guest with a given CPU can move between two hosts, and what it would notice.

Only the CPU counts, not the guest's other devices; rules and reports make the sentences.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from qcompat.hosts.cpu.clock import clock_of
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.features.registers import carried
from qcompat.hosts.cpu.guest_cpu import GuestCpu
from qcompat.hosts.cpu.guest_values import ValueChanges, guest_values, too_narrow
from qcompat.hosts.cpu.offer import CpuOffer
from qcompat.hosts.cpu.realized import RealizedCpu, realize

Outcome = Literal["ok", "drift", "blocked", "unknown"]
_RATE_CHANGES = "the guest's TSC runs at another rate there"
_RATE_REFUSED = "{} cannot run the guest's tsc-frequency: its clock differs and cannot be scaled"


class CpuMigration(msgspec.Struct, frozen=True):
    """One direction. `fatal` are the lost features whose use ends the migration.

    `untold` is what the captures do not state and may change: where nothing else changes, the
    outcome is `unknown`. An unknown clock alone leaves it `ok`: captures of other tools never state
    it, and a guest loads at any rate; it is listed in `untold` all the same.
    """

    source: str
    target: str
    outcome: Outcome
    lost: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()
    fatal: tuple[str, ...] = ()
    values: tuple[ValueChanges, ...] = ()
    refusal: str = ""
    untold: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def migrate_cpu(
    masks: FeatureMasks, source: CpuOffer, target: CpuOffer, guest: GuestCpu
) -> CpuMigration:
    """The migration of a guest that is started with this CPU on both hosts."""
    here, there = realize(masks, source, guest), realize(masks, target, guest)
    ends = (source.name, target.name)
    if here.refusal:
        return CpuMigration(
            *ends, "blocked", refusal=f"the guest does not start on {source.name}: {here.refusal}"
        )
    if there.refusal:
        return CpuMigration(
            *ends, "blocked", refusal=f"the guest does not start on {target.name}: {there.refusal}"
        )
    if not (here.is_known and there.is_known):
        return CpuMigration(*ends, "unknown", refusal=f"how {guest.model} is defined is unknown")
    if here.unmigratable and guest.khz is None:
        names = ", ".join(masks.names(here.unmigratable))
        return CpuMigration(*ends, "blocked", refusal=f"QEMU does not migrate a guest with {names}")
    return _judge(masks, (source, target), guest, here, there)


def _judge(
    masks: FeatureMasks,
    ends: tuple[CpuOffer, CpuOffer],
    guest: GuestCpu,
    here: RealizedCpu,
    there: RealizedCpu,
) -> CpuMigration:
    names = (ends[0].name, ends[1].name)
    clock = clock_of(*ends, guest)
    if clock == "refused":
        return CpuMigration(*names, "blocked", refusal=_RATE_REFUSED.format(names[1]))
    lost = masks.names(here.features & ~there.features)
    gained = masks.names(there.features & ~here.features)
    values = guest_values(ends, guest)
    remarks = tuple(
        filter(None, (_RATE_CHANGES if clock == "changed" else "", too_narrow(ends[1], guest)))
    )
    changes = bool(lost or gained or values.changes or remarks)
    bars = clock == "untold" and guest.khz is not None
    untold = (*values.untold, *(("the rate of the clock",) if clock == "untold" else ()))
    return CpuMigration(
        *names,
        "drift" if changes else "unknown" if values.untold or bars else "ok",
        lost,
        gained,
        carried(lost),
        values.changes,
        untold=untold,
        remarks=remarks,
    )
