"""What follows from a refusal's message, and what of it fits into a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import msgspec

from qcompat.dataset import read_table
from qcompat.portrait.portrait import Refusal

NON_MIGRATABLE = "State blocked by non-migratable device"


_GONE = {
    "device": re.compile(r"'(.+?)' is not a valid device model name"),
    "property": re.compile(r"[Pp]roperty '\S*?\.([^.']+)' not found"),
}


class Gone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `gone.toml`: sentences by the name of what later builds do not have."""

    device: Mapping[str, str]
    property: Mapping[str, str]


@cache
def gone() -> Gone:
    """The table."""
    return read_table("qcompat.rules.guest", "gone.toml", Gone)


def advice(refusal: Refusal) -> str:
    """What to write instead of what the build does not have any more; empty: it is not known."""
    for kind, pattern in _GONE.items():
        if found := pattern.search(refusal.message):
            known: Mapping[str, str] = getattr(gone(), kind)
            return known.get(found[1], "")
    return ""


def blocks_loading(refusal: Refusal) -> bool:
    """Whether what kept the build from saving keeps it from loading as well."""
    return refusal.stage == "save" and NON_MIGRATABLE in refusal.message


def first_line(refusal: Refusal) -> str:
    """QEMU's own last word without the lines of advice and assertions that follow it."""
    return refusal.message.strip().partition("\n")[0]
