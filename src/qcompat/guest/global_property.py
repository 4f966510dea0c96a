"""Both spellings of `-global`: `virtio-net-pci.mq=on`, and all three parts by name."""

from __future__ import annotations

from qcompat.guest.option import parse_fields


def global_text(driver: str, name: str, value: str) -> str:
    """What comes after `-global`; the long form where a dot in the driver would end it."""
    if "." in driver:
        return f"driver={driver},property={name},value={value}"
    return f"{driver}.{name}={value}"


def read_global(text: str) -> tuple[str, str, str]:
    """Driver, property and value of a `-global`, short or long."""
    fields = dict(parse_fields(text))
    if {"driver", "property", "value"} <= fields.keys():
        return fields["driver"], fields["property"], fields["value"]
    what, _, value = text.partition("=")
    driver, _, name = what.partition(".")
    return driver, name, value
