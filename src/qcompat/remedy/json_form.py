"""Options in JSON, written as key=value for builds that do not read it there.

`-device` and `-netdev` take JSON since 6.0 to 6.2, `-object` since 6.0 (qemu-options.hx of 5.2 and
7.2); libvirt writes it where QEMU reads it.
"""

from __future__ import annotations

from qcompat.guest.known_options import find
from qcompat.guest.option import format_fields
from qcompat.remedy.gone import Change
from qcompat.remedy.options import Written

_FLAT = frozenset({"device"})
"""Options whose key=value form has no lists or objects."""


def is_json(option: Written) -> bool:
    """Whether the option's kind and keys are given in JSON."""
    return bool(option.name) and option.value.startswith("{") and bool(_kind(option))


def without_json(option: Written) -> Change | None:
    """Write it as key=value; None where that cannot say the same."""
    pairs = option.read().pairs
    if option.name in _FLAT and any("." in key for key, _ in pairs):
        return None
    given = option.words
    option.value = format_fields(pairs, _kind(option))
    return Change(given, option.words)


def _kind(option: Written) -> str:
    """The key that names the kind, of options that have one."""
    return find(option.name)[1].implied
