"""`block`: disks copied with the guest (migration/block.c, until 9.0; the same in 5.2 and 7.2).

Words of a sector number, in units of 512 bytes, and flags in the low bits.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.stream import events as e
from qcompat.stream.cursor import Cursor
from qcompat.stream.record import Record

_DEVICE, _EOS, _PROGRESS, _ZERO = 0x01, 0x02, 0x04, 0x08
_FLAGS = 0x1FF
_CHUNK = 1 << 20


class BlockDevices:
    """Reads the chunks of disks, without keeping them; reports the disks' names."""

    def events(self, cursor: Cursor, kind: Record) -> Iterator[e.Event]:
        del kind  # all parts have one form
        start = cursor.offset
        names: dict[str, int] = {}
        while (flags := cursor.u64("a block's address") & _FLAGS) != _EOS:
            if flags & _DEVICE and not flags & (_EOS | _PROGRESS):
                name = cursor.name("the name of a disk")
                if not flags & _ZERO:
                    cursor.skip(_CHUNK, "a block of a disk")
                names[name] = names.get(name, 0) + 1
                cursor.forget()
            elif flags != _PROGRESS:
                raise cursor.error(f"unknown flags {flags:#x} of a disk's block")
        what = ", ".join(f"{count} blocks of {name}" for name, count in names.items())
        yield e.LiveState(start, cursor.offset - start, what or "no blocks")
