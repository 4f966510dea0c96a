"""The properties of a device: each value and the layer that decided it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TextIO

import msgspec

from qcompat.machine.resolve import Resolved, Unknown
from qcompat.report.output import write_document
from qcompat.report.terminal.columns import write_columns

SCHEMA = "qcompat.machine-resolve/1"


def write_text(found: Sequence[Resolved], out: TextIO) -> None:
    """A line a property: value, layer, the entry behind it, what it overrode."""
    head = ("property", "value", "decided by", "instead of")
    write_columns([head, *(_row(each) for each in found)], out)


def write_json(found: Sequence[Resolved], out: TextIO) -> None:
    """All of it; an unknown value is null with its `reason`."""
    document = {"schema": SCHEMA, "properties": [_plain(each) for each in found]}
    write_document(document, out)


def _row(each: Resolved) -> tuple[str, str, str, str]:
    if isinstance(each.value, Unknown):
        return each.property, "unknown", each.value.reason, ""
    entry = each.entry
    by = f" {entry.driver}.{entry.property}" if entry else ""
    before = ", ".join(f"{value} ({layer})" for layer, value in reversed(each.overridden))
    return each.property, each.value or '""', each.layer + by, before


def _plain(each: Resolved) -> dict[str, Any]:
    unknown = isinstance(each.value, Unknown)
    return {
        "property": each.property,
        "value": None if unknown else each.value,
        "reason": each.value.reason if isinstance(each.value, Unknown) else "",
        "layer": each.layer,
        "entry": msgspec.to_builtins(each.entry) if each.entry else None,
        "overridden": [{"layer": layer, "value": value} for layer, value in each.overridden],
    }
