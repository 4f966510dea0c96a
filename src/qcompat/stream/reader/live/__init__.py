"""Sections that are sent in parts (START, PART, END): one file for each save handler.

`ram` has files of its own. The others are few and simple, and nothing describes them in the
stream (register_savevm_live in QEMU). One that is not known here is read up to its footer.
A new one is a new file here and a row of `_KNOWN`.
"""

from __future__ import annotations

from collections.abc import Callable

from qcompat.stream import events as e
from qcompat.stream.cursor import Cursor
from qcompat.stream.memory.ram import SUPPORTED_VERSION, RamReader
from qcompat.stream.model import Configuration
from qcompat.stream.reader.live.block_devices import BlockDevices
from qcompat.stream.reader.live.dirty_bitmaps import DirtyBitmaps
from qcompat.stream.reader.live.hash_table import HashTable
from qcompat.stream.reader.live.live_reader import LiveReader, UnknownState
from qcompat.stream.reader.live.storage_attributes import StorageAttributes
from qcompat.stream.reader.live.vfio import VfioState

__all__ = ["LiveReader", "live_reader"]

_KNOWN: dict[str, tuple[int, Callable[[], LiveReader]]] = {
    "block": (1, BlockDevices),
    "dirty-bitmap": (1, DirtyBitmaps),
    "spapr/htab": (1, HashTable),
    "s390-storage_attributes": (0, StorageAttributes),
}
"""Version and reader by the section's name."""


def live_reader(
    cursor: Cursor,
    begun: e.SectionBegins,
    page_size: int | None,
    configuration: Configuration | None,
    is_postcopy: bool,
) -> LiveReader:
    """The reader of the section that just began. Raises StreamError for an unknown version."""
    if begun.idstr == "ram":
        if begun.version_id != SUPPORTED_VERSION:
            raise cursor.error(f"version {begun.version_id} of the ram section is unknown")
        return RamReader(page_size, configuration, is_postcopy)
    if begun.idstr.endswith("/vfio"):
        return VfioState(begun.section_id)
    version, reader = _KNOWN.get(begun.idstr, (None, None))
    if reader is None or version != begun.version_id:
        return UnknownState(begun.section_id)
    return reader()
