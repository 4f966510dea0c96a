"""The order in which plugged devices stand on a line: what others are plugged into first.

On one bus QEMU lists the newest first (hw/core/qdev.c, bus_add_child), so the order in which
devices were plugged is known there.
"""

from __future__ import annotations

from qcompat.portrait.running.observed import Observed, Peripheral


def in_order(seen: Observed) -> tuple[Peripheral, ...]:
    """What was plugged, in an order that QEMU accepts."""
    plugged = [each for each in seen.peripherals if each.is_plugged]
    rank = {(each.type, each.id): -n for n, each in enumerate(seen.devices)}

    def depth(one: Peripheral) -> int:
        return sum(one.bus.startswith(f"{other.path}/") for other in plugged)

    def place(one: Peripheral) -> tuple[int, int, int, int, str]:
        slot = one.place.get("slot", -1) if not one.bus else -1
        slot = slot if isinstance(slot, int) else -1
        return depth(one), rank.get((one.type, one.id), 0), slot, one.number, one.id

    return tuple(sorted(plugged, key=place))
