"""The types of the records of a stream, as QEMU numbers them (migration/savevm.h, 10.0)."""

from __future__ import annotations

from enum import IntEnum


class Record(IntEnum):
    """The byte with which a record begins. COMMAND and FOOTER came with QEMU 2.5 and 2.4."""

    EOF = 0x00
    START = 0x01
    PART = 0x02
    END = 0x03
    FULL = 0x04
    SUBSECTION = 0x05
    VMDESCRIPTION = 0x06
    CONFIGURATION = 0x07
    COMMAND = 0x08
    FOOTER = 0x7E

    @property
    def mark(self) -> bytes:
        """The byte itself."""
        return bytes([self])
