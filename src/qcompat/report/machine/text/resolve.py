"""The properties of a device: each value and the layer that decided it."""

from __future__ import annotations

from collections.abc import Sequence

from qcompat.machine.resolve import Resolved, Unknown
from qcompat.report.output import Output
from qcompat.report.terminal.plain import write_columns


def write(found: Sequence[Resolved], out: Output) -> None:
    """A line a property: value, layer, the entry behind it, what it overrode."""
    head = ("property", "value", "decided by", "instead of")
    write_columns([head, *(_row(each) for each in found)], out)


def _row(each: Resolved) -> tuple[str, str, str, str]:
    if isinstance(each.value, Unknown):
        return each.property, "unknown", each.value.reason, ""
    entry = each.entry
    by = f" {entry.driver}.{entry.property}" if entry else ""
    before = ", ".join(f"{value} ({layer})" for layer, value in reversed(each.overridden))
    return each.property, each.value or '""', each.layer + by, before
