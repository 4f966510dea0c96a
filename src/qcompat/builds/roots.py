"""Roots that belong to entries of the registry: one is made whole, or not at all.

A root is prepared under a name that no entry refers to, and the entry is written last.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from qcompat.builds.registry import Registry
from qcompat.errors import StoreError
from qcompat.local.home import make_private


class Progress(Protocol):
    """Who gets reports on the progress of work on a root."""

    def step(self, what: str, share: float) -> None:
        """The share of the step `what` that is done, from 0 to 1."""

    def warn(self, message: str) -> None:
        """A problem that does not stop it."""


class _Silent:
    """Drops all reports."""

    def step(self, what: str, share: float) -> None: ...

    def warn(self, message: str) -> None: ...


SILENT: Progress = _Silent()


@contextlib.contextmanager
def new_root(roots: Path) -> Iterator[Path]:
    """A new directory, deleted again if the work on it fails."""
    root = Path(tempfile.mkdtemp(prefix="root-", dir=roots))
    try:
        yield root
    except BaseException as error:
        shutil.rmtree(root, ignore_errors=True)
        if isinstance(error, OSError):
            raise StoreError(f"cannot write {root}: {error.strerror}", "free space") from error
        raise


def sweep(registry: Registry) -> None:
    """Delete roots that no entry refers to: replaced ones, and those of work that was killed."""
    wanted = {registry.root_of(build) for build in registry.list()}
    for root in registry.roots.iterdir():
        if root.name.startswith("root-") and root not in wanted:
            shutil.rmtree(root, ignore_errors=True)


@contextlib.contextmanager
def alone(roots: Path, progress: Progress) -> Iterator[None]:
    """One at a time makes roots: the next one waits."""
    with (make_private(roots) / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.step("waiting for another qcompat", 0)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
