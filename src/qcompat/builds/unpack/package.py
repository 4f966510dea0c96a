"""What a package says of itself, whatever its format."""

from __future__ import annotations

import msgspec


class Package(msgspec.Struct, frozen=True):
    """Name, version and architecture as its distribution writes them.

    `provides` are the names that satisfy what others require, its own among them; `requires` what
    it requires, as its format says it: a name, with Debian's alternatives joined by `|`.
    """

    name: str
    version: str
    architecture: str
    provides: frozenset[str]
    requires: tuple[str, ...]
