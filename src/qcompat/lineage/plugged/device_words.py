"""The value of a `-device` that makes a plugged device again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from qcompat.guest.option import format_fields
from qcompat.portrait.running.observed import Peripheral, Value

_OFTEN_ZERO = "slot"
"""A root port has it too, where 0 is what everybody has; a memory module has it off any bus."""


def device_words(one: Peripheral, properties: Mapping[str, Value], *, as_json: bool) -> str:
    """In JSON where the other devices are, since QEMU makes those last."""
    fields = dict(_fields(one)) | dict(properties)
    if as_json:
        return json.dumps(fields, separators=(",", ":"))
    return format_fields(tuple((k, spelt(v)) for k, v in fields.items()), "driver")


def _fields(one: Peripheral) -> Iterator[tuple[str, Value]]:
    yield "driver", one.type
    if one.id:
        yield "id", one.id
    if one.bus:
        yield "bus", one.bus_name
    for name, value in one.place.items():
        if name != _OFTEN_ZERO or not one.bus or value:
            yield name, value
    yield from one.backends.items()


def spelt(value: Value) -> str:
    """As key=value has it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)
