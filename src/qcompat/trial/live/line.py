"""Which serial port the agent speaks on: the guest's own where it has one.

A port that the guest does not have would be a change of its hardware, so one is added only where
there is none, and that is said. Ports are numbered as QEMU numbers them (hw/char/serial-isa.c:
`-serial` in order, then devices without an index in order).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from qcompat.guest.guest import Uncovered
from qcompat.guest.option import Option

CHARDEV = "qcompat-agent"
_PORTS = 4
_ADDED = Uncovered(
    "-serial",
    "the guest has no serial port: one is added (COM1), on which it tells how it fares",
)


class Line(msgspec.Struct, frozen=True):
    """The options without the port's own far end, which is to be the chardev `chardev`.

    `port` is the port's name in the guest.
    """

    options: tuple[Option, ...]
    chardev: str
    port: str
    uncovered: tuple[Uncovered, ...] = ()


def find_line(options: Sequence[Option]) -> Line:
    """The first serial port that there is."""
    serials = [option for option in options if option.name == "serial"]
    for number, option in enumerate(serials[:_PORTS]):
        if option.text != "none":
            return _port(options, option, number)
    for number, option in enumerate(_devices(options), start=len(serials)):
        if chardev := option.get("chardev"):
            return _named(options, chardev, int(option.get("index") or number))
    # Without -nodefaults QEMU gives the guest this port anyhow, unless one is named.
    has_default = not serials and not any(o.name == "nodefaults" for o in options)
    kept = tuple(option for option in options if option.name != "serial")
    uncovered = () if has_default else (_ADDED,)
    return Line((*kept, _serial("")), CHARDEV, "ttyS0", uncovered)


def _devices(options: Sequence[Option]) -> list[Option]:
    return [o for o in options if o.name == "device" and o.get("driver") == "isa-serial"]


def _port(options: Sequence[Option], chosen: Option, number: int) -> Line:
    chardev = chosen.text.removeprefix("chardev:")
    if chardev != chosen.text:
        return _named(options, chardev, number)
    ours = tuple(_serial(o.written) if o is chosen else o for o in options)
    return Line(ours, CHARDEV, f"ttyS{number}")


def _serial(written: str) -> Option:
    return Option("serial", text=f"chardev:{CHARDEV}", written=written)


def _named(options: Sequence[Option], chardev: str, number: int) -> Line:
    """The device stays as it is; the chardev of that name becomes ours."""
    others = (o for o in options if not (o.name == "chardev" and o.get("id") == chardev))
    return Line(tuple(others), chardev, f"ttyS{number}")
