"""The same guest on another machine type."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from qcompat.guest.command_line import split
from qcompat.guest.guest import Guest
from qcompat.guest.option import format_fields, parse_fields


def guest_of_type(guest: Guest, machine: str) -> Guest:
    """The guest, all but its machine type the same. Errors: GuestError, as `command_line.split`."""
    words = [word for name, own in split(guest.arguments) for word in _words(name, own, machine)]
    return msgspec.structs.replace(guest, machine=machine, arguments=tuple(words), own=())


def _words(name: str, own: Sequence[str], machine: str) -> Sequence[str]:
    if name != "machine" or len(own) != 2:
        return own
    fields = parse_fields(own[1], "type")
    changed = tuple((key, machine if key == "type" else value) for key, value in fields)
    return (own[0], format_fields(changed, "type"))
