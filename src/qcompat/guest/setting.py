"""`-set GROUP.ID.KEY=VALUE`: a later word on an option that has an id.

QEMU carries it out while it reads the arguments (system/vl.c, qemu_set_option); a guest's
canonical arguments have the value in its place instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qcompat.errors import GuestError
from qcompat.guest.option import Option
from qcompat.guest.vocabulary import vocabulary

_PATTERN = re.compile(r"([^.]+)\.([^.]+)\.([^=]+)=(.*)", re.DOTALL)


def apply_settings(options: Sequence[Option]) -> tuple[Option, ...]:
    """The options with every `-set` carried out. Raises GuestError where one has no object."""
    settings = [option for option in options if option.name == "set"]
    rest = tuple(option for option in options if option.name != "set")
    for setting in settings:
        rest = _apply(setting, rest)
    return rest


def _apply(setting: Option, options: Sequence[Option]) -> tuple[Option, ...]:
    match = _PATTERN.fullmatch(setting.text)
    if match is None:
        raise GuestError(f"{setting.written} is not understood", "write -set group.id.key=value")
    group, id_, key, value = match.groups()
    if vocabulary().get(group) is None:
        raise GuestError(f"{setting.written}: there is no group {group}", "such as device, drive")
    changed = tuple(
        o.without(key).adding((key, value)) if o.name == group and o.get("id") == id_ else o
        for o in options
    )
    if changed == tuple(options) and not any(o.get("id") == id_ for o in options):
        raise GuestError(f"{setting.written}: no -{group} has the id {id_}", "mind its spelling")
    return changed
