"""Disks with known contents: what the guest reads is what was put there, on every build.

A stand-in disk is empty and forgets what is written. A file in memory of the same size takes its
place, with a pattern in its first MiB. Both ends of a migration hold the same file open, as hosts
that share storage do, so what the guest writes on the source it reads on the target.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

from qcompat.guest.option import Option, Pairs

PATTERN_SIZE = 1 << 20
"""As far as the agent reads (`agent.sh`, `sum`)."""
_FIRST_SET = 100
_NULL = "null-co"


class MemoryFile:
    """A file of `size` bytes in memory that QEMUs inherit, sparse where nothing was written.

    It has no name, and is gone when its last holder closes it.
    """

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


class Disks:
    """The disks of one trial, by the name that the guest's arguments give them."""

    def __init__(self) -> None:
        self._files: dict[str, MemoryFile] = {}

    def close(self) -> None:
        for file in self._files.values():
            file.close()

    def overwrite(self, name: str, offset: int, data: bytes) -> None:
        """Change a disk without the guest's knowledge, as failing storage would."""
        self._files[name].write(offset, data)

    @property
    def descriptors(self) -> tuple[int, ...]:
        return tuple(number for file in self._files.values() for number in file.descriptors)

    @property
    def sums(self) -> Mapping[str, str]:
        """The MD5 sum of what the guest should read from each disk, by the disk's name."""
        return {
            name: hashlib.md5(pattern(name, file.size), usedforsecurity=False).hexdigest()
            for name, file in self._files.items()
        }

    def replace_in(self, options: Sequence[Option]) -> tuple[Option, ...]:
        """The options with a file in memory for every stand-in disk that can be read."""
        return tuple(self._replaced(option, index) for index, option in enumerate(options))

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments that pass the files to QEMU, under the numbers that the options use."""
        return tuple(self._arguments())

    def _arguments(self) -> Iterator[str]:
        for number, file in enumerate(self._files.values(), start=_FIRST_SET):
            for descriptor in file.descriptors:
                yield "-add-fd"
                yield f"fd={descriptor},set={number}"

    def _replaced(self, option: Option, index: int) -> Option:
        if option.name == "drive" and option.get("file.driver") == _NULL:
            name = option.get("id") or f"{option.get('if')}{option.get('index')}#{index}"
            kept = option.without("file.driver", "file.size", "file.read-zeroes")
            file = self._file(name, int(option.get("file.size")))
            return kept.adding(*((f"file.{key}", value) for key, value in file))
        if option.name == "blockdev" and option.get("driver") == _NULL:
            name = option.get("node-name")
            kept = option.without("driver", "size", "read-zeroes")
            return kept.having((*self._file(name, int(option.get("size"))), *kept.pairs))
        return option

    def _file(self, name: str, size: int) -> Pairs:
        if name not in self._files:
            self._files[name] = MemoryFile(size, [(0, pattern(name, size))])
        number = _FIRST_SET + list(self._files).index(name)
        # Both ends hold it, as the same user of shared storage would: no lock between them.
        return (("driver", "file"), ("filename", f"/dev/fdset/{number}"), ("locking", "off"))


def pattern(name: str, size: int) -> bytes:
    """Bytes that only this disk holds, no two blocks alike."""
    length = min(size, PATTERN_SIZE)
    return b"".join(_blocks(name, length))[:length]


def _blocks(name: str, length: int) -> Iterable[bytes]:
    for offset in range(0, length, 64):
        yield hashlib.blake2b(f"{name} {offset}".encode(), digest_size=64).digest()
