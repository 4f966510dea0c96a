"""Which register a byte of a device's PCI configuration space is, when no portrait shows it.

The capabilities stand where QEMU's device usually has them (`layouts.toml`); `stream.pci_registers`
names what is inside, as for a real configuration space.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache

import msgspec

from qcompat.dataset import read_table
from qcompat.stream.pci_registers import (
    CAPABILITY_POINTER,
    HEADER_SIZE,
    HEADER_TYPE,
    STATUS,
    register_of,
)

_SIZE = 4096


class _Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of `layouts.toml`; see its head."""

    devices: tuple[str, ...]
    vendor: int = 0
    header: int = 0
    conventional: tuple[tuple[int, str], ...] = ()
    extended: tuple[tuple[int, int], ...] = ()

    def config(self) -> bytes:
        """A configuration space that has nothing but these capabilities."""
        space = bytearray(_SIZE)
        space[0:2] = self.vendor.to_bytes(2, "little")
        space[HEADER_TYPE] = self.header
        pointer = CAPABILITY_POINTER
        space[STATUS] = 0x10 if self.conventional else 0
        for offset, text in self.conventional:
            kind, *rest = bytes.fromhex(text)
            space[pointer] = offset
            space[offset] = kind
            space[offset + 2 : offset + 2 + len(rest)] = bytes(rest)
            pointer = offset + 1
        following = [offset for offset, _ in self.extended[1:]] + [0]
        for (offset, kind), after in zip(self.extended, following, strict=bool(self.extended)):
            space[offset : offset + 4] = (kind | 1 << 16 | after << 20).to_bytes(4, "little")
        return bytes(space)


class _Layouts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    vectors_beside_queues: dict[str, int]
    layout: tuple[_Layout, ...]


def register_at(byte: int, section: str) -> str:
    """The register's name, such as `AER uncorrectable error mask`; empty where it is not known.

    `section` is the id of the device's section, `0000:00:02.0/virtio-net`, or empty.
    """
    if byte < HEADER_SIZE:
        return register_of(b"", byte).name
    state = section.rpartition("/")[2]
    names = (register_of(config, byte).name for config in _configs(state))
    return next((name for name in names if not name.startswith("register ")), "")


def queues_of(state: str, control: int) -> int | None:
    """The queues of a device with this MSI-X message control (the number of vectors less one).

    None where the device's vectors do not follow its queues, or are too few for any.
    """
    beside = _table().vectors_beside_queues.get(state)
    queues = control + 1 - beside if beside else 0
    return queues if queues > 0 else None


def _configs(state: str) -> Iterator[bytes]:
    for layout in _table().layout:
        if any(fnmatchcase(state, pattern) for pattern in layout.devices):
            yield layout.config()


@cache
def _table() -> _Layouts:
    return read_table("qcompat.explain", "layouts.toml", _Layouts)
