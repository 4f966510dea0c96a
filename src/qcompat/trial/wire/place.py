"""A private directory that two sandboxes share, gone again whatever becomes of this process.

A migration over several connections needs a socket that has a name. A shell waits on a pipe
that only this process holds open: it removes the directory when the pipe ends, be it closed
or its holder killed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

_MOST = 50
"""Bytes: the name of a socket has 107 (unix(7)), of which those in here take up to 57."""
_SHELL = 'trap "" INT TERM HUP; read -r _; rm -rf -- "$0"'


@contextlib.contextmanager
def shared_place() -> Iterator[Path]:
    """A new empty directory that only this user can enter (0700)."""
    place = Path(tempfile.mkdtemp(prefix="qcompat-wire-", dir=_short_place()))
    ours, theirs = os.pipe()
    remover = subprocess.Popen(
        ["/bin/sh", "-c", _SHELL, str(place)], stdin=ours, start_new_session=True
    )
    os.close(ours)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.close(theirs)
        remover.wait()


def _short_place() -> str:
    """Where temporary files lie, or /tmp where the name of a socket in there would be too long."""
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) <= _MOST else "/tmp"  # noqa: S108 - mkdtemp is private
