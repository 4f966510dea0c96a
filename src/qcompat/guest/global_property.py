"""`-global`: a property's value for all devices of a type, in both spellings.

`DRIVER.PROPERTY=VALUE`, or `driver=DRIVER,property=PROPERTY,value=VALUE` in any order. QEMU tries
the short one first and escapes nothing in it (qemu_global_option, softmmu/vl.c of 5.2.0 and
system/qdev-monitor.c of 10.0).
"""

from __future__ import annotations

import re

import msgspec

from qcompat.errors import GuestError
from qcompat.guest.option import format_fields, parse_fields

# As `sscanf(text, "%63[^.=].%63[^=]", …)` reads them; a longer name makes QEMU take the long form.
_SHORT = re.compile(r"(?P<driver>[^.=]{1,63})\.(?P<name>[^=]{1,63})=(?P<value>.*)", re.DOTALL)
_LONG = ("driver", "property", "value")


class GlobalProperty(msgspec.Struct, frozen=True):
    """What one `-global` sets: `driver` is a type or an ancestor of types."""

    driver: str
    name: str
    value: str

    def text(self) -> str:
        """What comes after `-global`: the short form, if QEMU reads the same from it."""
        short = f"{self.driver}.{self.name}={self.value}"
        if _read_short(short) == self:
            return short
        return format_fields(tuple(zip(_LONG, (self.driver, self.name, self.value), strict=True)))


def read_global(text: str) -> GlobalProperty:
    """What comes after `-global`, in either form. Errors: GuestError, where QEMU refuses it."""
    if short := _read_short(text):
        return short
    fields = dict(parse_fields(text))
    try:
        driver, name, value = (fields[key] for key in _LONG)
    except KeyError:
        raise GuestError(
            f"-global {text[:120]} sets no property", "write -global DRIVER.PROPERTY=VALUE"
        ) from None
    return GlobalProperty(driver, name, value)


def _read_short(text: str) -> GlobalProperty | None:
    match = _SHORT.fullmatch(text)
    return GlobalProperty(match["driver"], match["name"], match["value"]) if match else None
