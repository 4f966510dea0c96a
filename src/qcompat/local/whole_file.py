"""A file that is there whole or not at all: written beside its place, synced, then renamed."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from qcompat.errors import StoreError
from qcompat.local.home import make_private


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path`; a reader sees the old file or the new one, never a part.

    Errors: StoreError when the disk is full or the place cannot be written; `path` is then
    what it was before.
    """
    make_private(path.parent)
    try:
        with writing_whole(path, 0o666 & ~_umask()) as file:
            view = memoryview(content)
            while view:
                view = view[os.write(file, view) :]
    except OSError as error:
        raise StoreError(
            f"cannot write {path}: {error.strerror}",
            "free some space, or let QCOMPAT_HOME and QCOMPAT_CACHE name another disk",
        ) from error


@contextlib.contextmanager
def writing_whole(path: Path, mode: int) -> Iterator[int]:
    """An open file, empty, that takes the place of `path` when the context ends without error."""
    draft = path.with_name(f".draft-{secrets.token_hex(8)}")
    file = _open(draft)
    try:
        yield file
        os.fchmod(file, mode)
        os.fsync(file)
        _give_name(file, draft)
        draft.replace(path)
    finally:
        os.close(file)
        with contextlib.suppress(OSError):
            draft.unlink()


def _open(draft: Path) -> int:
    """A file without a name, of which nothing stays if this process is killed; else the draft."""
    try:
        return os.open(draft.parent, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError:
        return os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)


def _give_name(file: int, draft: Path) -> None:
    if os.fstat(file).st_nlink == 0:
        # open(2), O_TMPFILE; only with a directory's number Python uses linkat(2), which follows
        os.link(f"/proc/self/fd/{file}", draft, src_dir_fd=file, follow_symlinks=True)


def _umask() -> int:
    """The user's own mask, which a temporary file ignores; Linux tells it without changing it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("\nUmask:")[2].split()[0], 8)
