"""A file that is there whole or not at all: written beside its place, synced, then renamed."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from qcompat.errors import StoreError
from qcompat.local.home import make_private


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path`; a reader sees the old file or the new one, never a part.

    Errors: StoreError when the disk is full or the place cannot be written; `path` is then
    what it was before.
    """
    make_private(path.parent)
    draft = ""
    try:
        handle, draft = tempfile.mkstemp(prefix=".draft-", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(handle, 0o666 & ~_umask())
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except OSError as error:
        raise StoreError(
            f"cannot write {path}: {error.strerror}",
            "free some space, or let QCOMPAT_HOME and QCOMPAT_CACHE name another disk",
        ) from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            if draft:
                Path(draft).unlink()


def _umask() -> int:
    """The user's own mask, which a temporary file ignores; Linux tells it without changing it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("\nUmask:")[2].split()[0], 8)
