"""The changes of ACPI tables that count, and those that do not."""

from __future__ import annotations

from qcompat.compare.comparison import Comparison
from qcompat.compare.firmware.change import AcpiChange
from qcompat.portrait.portrait import Portrait
from qcompat.rules.firmware.noticed import Weight, weight_of

_SLOT_METHOD = "_DSM"
_SLOT_NUMBER = "acpi-index"


def changes_of(comparison: Comparison, weight: Weight) -> tuple[AcpiChange, ...]:
    """The changes of that weight, over all tables."""
    is_numbered = _is_numbered(comparison.source) or _is_numbered(comparison.target)
    return tuple(
        change
        for change in comparison.of(AcpiChange)
        if _weight(change, is_numbered=is_numbered) == weight
    )


def _weight(change: AcpiChange, *, is_numbered: bool) -> Weight:
    is_about_slots = change.kind in (_SLOT_METHOD, f"code of {_SLOT_METHOD}")
    weight = "drift" if is_about_slots and is_numbered else weight_of(change.kind)
    is_new = change.source is None  # nothing that the guest's own tables could miss
    return "drift" if weight == "moved" and is_new else weight


def _is_numbered(portrait: Portrait) -> bool:
    """Whether a device has a number that the slots' methods hand on to the guest."""
    numbers = (device.properties.get(_SLOT_NUMBER, "0") for device in portrait.devices)
    return any(number.partition(" ")[0] not in ("0", "") for number in numbers)
