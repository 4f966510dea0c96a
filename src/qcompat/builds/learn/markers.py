"""Behaviours that a build shows by a text it carries; which ones is data, in markers.toml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec


class Marker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text that is in the files of exactly the builds that have a behaviour."""

    text: str


@cache
def known_markers() -> Mapping[str, Marker]:
    """The catalogue, by name."""
    return msgspec.toml.decode(catalogue(), type=dict[str, Marker])


@cache
def catalogue() -> bytes:
    """The catalogue as it is written; what was looked for belongs to the identity of facts."""
    return (files("qcompat.builds.learn") / "markers.toml").read_bytes()


def find_markers(paths: Iterable[Path]) -> dict[str, bool]:
    """For each known marker whether its text is in one of the files. Errors: OSError."""
    found = dict.fromkeys(known_markers(), False)
    for path in paths:
        content = path.read_bytes()
        for name, marker in known_markers().items():
            found[name] = found[name] or marker.text.encode() in content
    return found
