"""A file that a command is to write, checked before any work is done for it."""

from __future__ import annotations

import os
from pathlib import Path

from qcompat.errors import UsageError


def writable_file(output: Path) -> Path:
    """Where the file goes, links followed: it is put in place by a rename, so a device, a pipe
    or a directory of that name would be replaced by it. Raises UsageError.
    """
    place = output.resolve()
    if not place.parent.is_dir():
        raise UsageError(f"cannot write {output}: there is no directory {place.parent}")
    if place.exists() and not place.is_file():
        raise UsageError(
            f"cannot write {output}: it exists and is not a regular file", "name a file"
        )
    if not os.access(place.parent, os.W_OK):
        raise UsageError(
            f"cannot write {output}: the directory {place.parent} cannot be written to",
            "give a place that you may write to",
        )
    return place
