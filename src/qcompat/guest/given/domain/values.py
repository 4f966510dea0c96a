"""Values as domain XML spells them: switches, numbers, sizes, sets of numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from qcompat.errors import GuestError
from qcompat.guest.given.form import shown

_SWITCHES = {"on": True, "yes": True, "off": False, "no": False}
_NUMBER = re.compile(r"-?(0x[0-9a-f]{1,16}|\d{1,20})", re.IGNORECASE)
_UNITS = {
    **{unit: 1024**power for power, unit in enumerate(("b", "k", "m", "g", "t", "p", "e"))},
    **{f"{unit}ib": 1024**power for power, unit in enumerate("kmgtpe", 1)},
    **{f"{unit}b": 1000**power for power, unit in enumerate("kmgtpe", 1)},
    "bytes": 1,
}
_LARGEST_SET = 1 << 16
_NOTHING = Element("nothing")


def part(element: Element, path: str) -> Element:
    """The first such element, or one that holds nothing."""
    found = element.find(path)
    return _NOTHING if found is None else found


def text(element: Element, path: str) -> str:
    """The text of an element, without the space around it; empty where there is none."""
    return (element.findtext(path) or "").strip()


def switch(element: Element, name: str) -> bool | None:
    """`on`, `yes`, `off`, `no`; None where the attribute is missing or says something else."""
    return _SWITCHES.get(element.get(name, ""))


def word(element: Element, name: str) -> str | None:
    """An attribute; None where it is missing or empty."""
    return element.get(name) or None


def number(value: str | None, what: str) -> int | None:
    """A number in decimal or hexadecimal; None where there is none. Errors: GuestError."""
    if not value or not value.strip():
        return None
    if not _NUMBER.fullmatch(value.strip()):
        raise GuestError(f"{what} is {shown(value)}, which is no number", "correct the XML")
    digits = value.strip().lower()
    return int(digits, 16 if "0x" in digits else 10)


def count(element: Element, name: str) -> int | None:
    """An attribute that is a number. Errors: GuestError."""
    return number(element.get(name), f"{name} of <{element.tag}>")


def size(element: Element, unit: str = "KiB", attribute: str = "") -> int | None:
    """A size in bytes, in the `unit` that the element names, else in the one given here.

    It is the text of the element, or one of its attributes. Errors: GuestError.
    """
    value = element.get(attribute) if attribute else element.text
    amount = number(value, f"<{element.tag}>")
    named = element.get("unit") or unit
    if named.lower() not in _UNITS:
        raise GuestError(f"{shown(named)} of <{element.tag}> is no unit", "KiB, MiB, GiB, …")
    return None if amount is None else amount * _UNITS[named.lower()]


def kibibytes(element: Element, unit: str = "KiB", attribute: str = "") -> int | None:
    """A size in KiB, rounded up as libvirt does. Errors: GuestError."""
    found = size(element, unit, attribute)
    return None if found is None else -(-found // 1024)


def numbers(text: str) -> tuple[int, ...]:
    """`0-3,^2,5` as the numbers in it, in ascending order. Errors: GuestError."""
    found: set[int] = set()
    for piece in filter(None, (each.strip() for each in text.split(","))):
        first, dash, last = piece.removeprefix("^").partition("-")
        bounds = number(first, "a set"), number(last if dash else first, "a set")
        if None in bounds or not 0 <= bounds[0] <= bounds[1] < _LARGEST_SET:  # type: ignore[operator]
            raise GuestError(f"{shown(text)} is no set of numbers", "write it as in 0-3,^2,5")
        span = range(bounds[0], bounds[1] + 1)  # type: ignore[operator,arg-type]
        found = found - set(span) if piece.startswith("^") else found | set(span)
    return tuple(sorted(found))


def ranges(found: Iterable[int]) -> Iterator[str]:
    """The runs of ascending numbers: 0, 1, 2, 5 are `0-2` and `5`."""
    run: list[int] = []
    for each in (*found, -1):
        if run and each != run[-1] + 1:
            yield f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}"
            run = []
        run.append(each)
