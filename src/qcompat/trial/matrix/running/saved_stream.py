"""A saved stream, kept for as many loads as there are targets: small in memory, large on disk.

On disk it is a file without a name, which no kill leaves behind.
"""

from __future__ import annotations

import io
import os
import tempfile
from types import TracebackType
from typing import BinaryIO, cast

IN_MEMORY = 16 << 20
"""Bytes. A paused guest's stream is about 0.6 MB, since memory that nobody wrote is not sent."""


class Kept:
    """One stream. Write to `file` once; every `reader` has a place of its own in it."""

    def __init__(self, most: int = IN_MEMORY) -> None:
        self._spool = tempfile.SpooledTemporaryFile(max_size=most, prefix="qcompat-")  # noqa: SIM115

    @property
    def file(self) -> BinaryIO:
        """Where it is written to."""
        return cast(BinaryIO, self._spool)

    def reader(self) -> BinaryIO:
        """The stream from its start, to be closed by whoever asked for it."""
        self._spool.flush()
        inner: object = self._spool._file
        if isinstance(inner, io.BytesIO):
            return io.BytesIO(inner.getvalue())
        return os.fdopen(os.open(f"/proc/self/fd/{self._spool.fileno()}", os.O_RDONLY), "rb")

    def __enter__(self) -> Kept:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._spool.close()
