"""What the commands of `stream` answer."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import msgspec

from qcompat.compare.difference import Difference
from qcompat.report.stream.lines import Ends
from qcompat.stream.container import Wrapping
from qcompat.stream.events import SectionBegins
from qcompat.stream.reader.reader import Reader

LARGEST_SHOWN = 1 << 26
"""Bytes of a device state that is taken apart; a larger one is only named."""


class StreamDiff(msgspec.Struct, frozen=True):
    """The differences between two streams, and what the fields of each are called."""

    found: tuple[Difference[Any], ...]
    ends: Ends


class ShownStream:
    """A stream that is read while it is shown: all of it, or the sections that `pattern` names.

    `has_found`, afterwards: whether there was such a section.
    """

    def __init__(
        self, file: str, wrapping: Wrapping, reader: Reader, pattern: str | None = None
    ) -> None:
        self.file = file
        self.wrapping = wrapping
        self.reader = reader
        self.pattern = pattern
        self.has_found = False

    def names(self, begun: SectionBegins) -> bool:
        """Whether a section is asked for: by its name, or its name with `[instance]`."""
        is_named = (
            self.pattern is None
            or begun.name == self.pattern
            or any(fnmatchcase(name, self.pattern) for name in (begun.idstr, begun.name))
        )
        self.has_found = self.has_found or is_named
        return is_named
