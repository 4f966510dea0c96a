"""Where qcompat keeps things: builds in the data home, what can be had again in the cache home.

What lies inside is the business of its owners (`registry`, `learn`, the portrait store); only
the two places are decided here, so that one variable moves everything.
"""

from __future__ import annotations

import os
from pathlib import Path

from qcompat.errors import StoreError


def data_home() -> Path:
    """`$QCOMPAT_HOME`, else `$XDG_DATA_HOME/qcompat`, else `~/.local/share/qcompat`.

    Neither home is created by asking for it.
    """
    return _place("QCOMPAT_HOME", "XDG_DATA_HOME", ".local/share")


def cache_home() -> Path:
    """`$QCOMPAT_CACHE`, else `$XDG_CACHE_HOME/qcompat`, else `~/.cache/qcompat`."""
    return _place("QCOMPAT_CACHE", "XDG_CACHE_HOME", ".cache")


def make_private(directory: Path) -> Path:
    """The directory, made with its parents for this user alone (0700) where it is missing.

    Errors: StoreError.
    """
    try:
        for parent in reversed([directory, *directory.parents]):
            if not parent.is_dir():
                parent.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"cannot make the directory {directory}: {error.strerror}",
            "set QCOMPAT_HOME and QCOMPAT_CACHE to directories that can be written",
        ) from error
    return directory


def _place(own: str, xdg: str, usual: str) -> Path:
    if named := os.environ.get(own):
        return Path(named).absolute()
    base = os.environ.get(xdg, "")
    # The XDG base directory specification has relative paths ignored.
    return (Path(base) if base.startswith("/") else _user_home() / usual) / "qcompat"


def _user_home() -> Path:
    try:
        return Path.home()
    except RuntimeError as error:
        raise StoreError(
            "this user has no home directory", "set QCOMPAT_HOME and QCOMPAT_CACHE"
        ) from error
