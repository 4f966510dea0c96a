"""Temporary files without a name: whatever ends this process, nothing is left of them."""

from __future__ import annotations

import tempfile
from typing import IO

from qcompat.errors import EnvironmentError_


def scratch() -> IO[bytes]:
    """A new one, where TMPDIR says. Errors: EnvironmentError_ if there can be none."""
    try:
        return tempfile.TemporaryFile()
    except OSError as error:
        raise EnvironmentError_(
            f"cannot make a temporary file: {error}", "set TMPDIR to a directory with room"
        ) from error
