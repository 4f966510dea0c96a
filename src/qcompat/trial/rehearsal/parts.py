"""The parts of a running guest of which a rehearsal cannot tell everything, as a table.

What a row means is at the head of `parts.toml`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

import msgspec

from qcompat.dataset import read_table
from qcompat.portrait.portrait import Portrait

Handling = Literal["left out", "adjusted", "harmless", "open"]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part that looks beyond the stream when it is loaded.

    `handling` says what a rehearsal does with it, `means` what stays unknown, or why nothing does.
    """

    name: str
    handling: Handling
    means: str
    source: tuple[str, ...]
    sections: str = ""
    devices: str = ""
    arguments: str = ""

    @property
    def is_named(self) -> bool:
        """Whether something stays unknown by it."""
        return self.handling != "harmless"

    def has_section(self, idstr: str) -> bool:
        """Whether a section of this name is of this part."""
        last = idstr.rpartition("/")[2]
        return bool(self.sections) and re.fullmatch(self.sections, last) is not None

    def is_in(self, portrait: Portrait) -> bool:
        """Whether the guest in this portrait has the part.

        Arguments beside sections narrow them down, or stand for them where a twin has none.
        """
        sections = portrait.stream.sections if portrait.stream else ()
        in_words = bool(self.arguments) and any(
            re.search(self.arguments, word) for word in portrait.guest.arguments
        )
        if self.arguments and self.handling == "harmless":
            return in_words
        return (
            in_words
            or any(self.has_section(section.idstr) for section in sections)
            or any(self._is_device(device.type) for device in portrait.devices)
        )

    def _is_device(self, type_: str) -> bool:
        return bool(self.devices) and re.fullmatch(self.devices, type_) is not None


class _Parts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    part: tuple[Part, ...]


@cache
def all_parts() -> tuple[Part, ...]:
    """The rows of the table, in its order."""
    return read_table("qcompat.trial.rehearsal", "parts.toml", _Parts).part


def parts_of(portrait: Portrait) -> tuple[Part, ...]:
    """The parts that the guest has."""
    return tuple(part for part in all_parts() if part.is_in(portrait))


def is_left_out(idstr: str) -> bool:
    """Whether the section of this name is not loaded in a rehearsal."""
    return any(part.has_section(idstr) for part in all_parts() if part.handling == "left out")
