"""What a host is apart from its processor: its memory, its limits, what its kernel offers QEMU.

Part of a capture. What was not told is None, or is not in the mapping: a capture of an earlier
qcompat has none of it.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

UNLIMITED = -1


class HugePages(msgspec.Struct, frozen=True):
    """The pool of huge pages of one `size` (bytes): how many there are, how many nobody has."""

    size: int
    total: int
    free: int


class Node(msgspec.Struct, frozen=True):
    """A NUMA node: its memory in bytes, and its processors as the kernel lists them (`0-7,16`)."""

    number: int
    memory: int
    processors: str


class Machine(msgspec.Struct, frozen=True):
    """One host's memory, limits and kernel.

    `page` and `transparent_page` are sizes in bytes; `transparent` is `always`, `madvise` or
    `never`. `locked` and `files` are the limits of the process that took the capture (memory that
    it may lock, in bytes; open files), UNLIMITED for none: those of QEMU's service may differ.
    `devices` says of device files whether they are there (`/dev/vhost-vsock`), `kvm` what
    KVM answers about a capability (0: it lacks it), `userfaultfd` whether a process without
    privileges may use it, as postcopy needs.
    """

    page: int | None = None
    transparent_page: int | None = None
    transparent: str = ""
    pools: tuple[HugePages, ...] | None = None
    nodes: tuple[Node, ...] | None = None
    locked: int | None = None
    files: int | None = None
    devices: Mapping[str, bool] = {}
    kvm: Mapping[str, int] = {}
    userfaultfd: bool | None = None

    def pool(self, size: int) -> HugePages | None:
        """The pool of pages of this size; None where there is none, or none was told."""
        return next((pool for pool in self.pools or () if pool.size == size), None)
