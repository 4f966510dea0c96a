"""Files in memory that a QEMU inherits: they have no name, and are gone with the last holder."""

from __future__ import annotations

import os
from collections.abc import Iterable


class MemoryFile:
    """A file of `size` bytes, sparse where nothing was written."""

    def __init__(self, size: int, parts: Iterable[tuple[int, bytes]] = ()) -> None:
        self.size = size
        self.writable = os.memfd_create("qcompat", os.MFD_CLOEXEC)
        self.readable = -1
        os.truncate(self.writable, size)
        for offset, data in parts:
            self.write(offset, data)
        # A set of descriptors answers an open by one of the same mode (util/osdep.c).
        self.readable = os.open(f"/proc/self/fd/{self.writable}", os.O_RDONLY | os.O_CLOEXEC)

    def write(self, offset: int, data: bytes) -> None:
        os.pwrite(self.writable, data, offset)

    @property
    def descriptors(self) -> tuple[int, int]:
        return (self.writable, self.readable)

    def close(self) -> None:
        for descriptor in self.descriptors:
            os.close(descriptor)
