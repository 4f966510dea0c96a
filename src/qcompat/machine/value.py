"""One canonical form for a property's value, whatever its source.

The same value comes as JSON over QMP and as text in `info qtree`, in a compat table and on a
command line. What a value means to a device does not matter here; `kind` is the type that
`device-list-properties` gives for the property, or empty where unknown.

Sources of the forms (10.0.13): qapi/string-output-visitor.c (what `info qtree` prints: numbers
followed by their hexadecimal or rounded form, strings in quotes, `<null>`), qapi/qapi-util.c
(`qapi_bool_parse`), util/cutils.c (`qemu_strtosz`), hw/core/qdev-properties-system.c
(`set_pci_devfn`: text is slot and function, a number is the devfn).
"""

from __future__ import annotations

import json
import re
from decimal import Decimal

NULL = "<null>"
"""No value at all, as `info qtree` writes it; an empty string is a value."""

PCI_ADDRESS = "pci-address"
"""Kind of a PCI device's `addr`: builds call it `int32` or `str`, which says too little."""

Json = object

_TRUE = frozenset({"on", "yes", "true", "y"})
_FALSE = frozenset({"off", "no", "false", "n"})
_WORDS = {"true": "on", "false": "off"}
_NUMBERS = re.compile(r"^(u?int(4|8|16|32|64)?|size(32)?|number|busnr)$")
_WRAPPING = frozenset({"uint64", "size"})
_ANNOTATED = re.compile(r"^(-?\d+) \((0x[0-9a-f]+|[\d.e+-]+ [KMGTPE]?i?B)\)$", re.ASCII)
_HEXADECIMAL = re.compile(r"^(-?)0[xX]([0-9a-fA-F]+)$", re.ASCII)
_DECIMAL = re.compile(r"^[+-]?[0-9]+$", re.ASCII)
_OCTAL = re.compile(r"^0[0-7]+$", re.ASCII)
_SIZE = re.compile(r"^(\d+(?:\.\d+)?)([bkmgtpe])$", re.ASCII | re.IGNORECASE)
_AT = re.compile(r"^([0-9a-fA-F]{1,2})(?:\.([0-7]))?$", re.ASCII)
_POWERS = "bkmgtpe"


def canonical(value: Json, kind: str = "") -> str:
    """`value` in the one form: `on`/`off`, decimal integers, anything else as QEMU prints it.

    Without a `kind` only what cannot be misread is changed: `true` and `false`, hexadecimal
    numbers, and what `info qtree` adds. Sizes such as `1G`, `yes` and octal numbers are read
    where the kind says so: an untyped `5G` may be a serial number.
    Applied to its own result it changes nothing.
    """
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int):
        return _address(value) if kind == PCI_ADDRESS else _wrapped(value, kind)
    if not isinstance(value, str):
        return json.dumps(value, separators=(",", ":"), sort_keys=True)
    return _of_text(_bare(value), kind)


def are_equal(one: Json, other: Json, kind: str = "") -> bool:
    """Whether two values are the same in any spelling.

    Without a `kind`, a size and a number of the same amount are equal too.
    """
    ours, theirs = canonical(one, kind), canonical(other, kind)
    return ours == theirs or (not kind and _as_number(ours) == _as_number(theirs) is not None)


def kind_of(default: str | None) -> str:
    """The kind that a canonical default has by its form; empty where the form fits none."""
    if default is None:
        return ""
    if default in ("on", "off"):
        return "bool"
    return "int" if _DECIMAL.match(default) else ""


def _bare(text: str) -> str:
    """Without the quotes and the second form of a number that `info qtree` adds."""
    text = text.strip()
    while len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].strip()
    annotated = _ANNOTATED.match(text)
    return annotated[1] if annotated else text


def _of_text(text: str, kind: str) -> str:
    if kind in ("bool", "boolean"):
        return "on" if text.lower() in _TRUE else "off" if text.lower() in _FALSE else text
    if kind == PCI_ADDRESS:
        return _address_of_text(text)
    if _NUMBERS.match(kind):
        number = _as_number(text)
        return text if number is None else _wrapped(number, kind)
    if kind in ("str", "string"):
        return text
    if found := _HEXADECIMAL.match(text):
        return str(int(f"{found[1]}{found[2]}", 16))
    return _WORDS.get(text, text)


def _as_number(text: str) -> int | None:
    """A number as QEMU reads it: base by its prefix, or with a suffix of size (powers of 1024)."""
    if found := _HEXADECIMAL.match(text):
        return int(f"{found[1]}{found[2]}", 16)
    if _OCTAL.match(text):
        return int(text, 8)
    if _DECIMAL.match(text):
        return int(text)
    if found := _SIZE.match(text):
        return int(Decimal(found[1]) * 1024 ** _POWERS.index(found[2].lower()))
    return None


def _wrapped(number: int, kind: str) -> str:
    """-1 of an unsigned 64 bit property is its largest value, and read back as that."""
    return str(number % (1 << 64) if number < 0 and kind in _WRAPPING else number)


def _address(devfn: int) -> str:
    return f"{devfn >> 3:02x}.{devfn & 7}" if 0 <= devfn < 256 else str(devfn)


def _address_of_text(text: str) -> str:
    found = _AT.match(text)
    return f"{int(found[1], 16):02x}.{found[2] or 0}" if found else text
