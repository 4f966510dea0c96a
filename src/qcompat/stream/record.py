"""The records and commands of a stream, as QEMU numbers them (migration/savevm.h, 10.0)."""

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


class CommandNumber(IntEnum):
    """What the source asks of the target: enum qemu_vm_cmd, migration/savevm.c.

    ENABLE_COLO came with 2.9, POSTCOPY_RESUME and RECV_BITMAP with 3.0, SWITCHOVER_START with 10.0.
    """

    OPEN_RETURN_PATH = 1
    PING = 2
    POSTCOPY_ADVISE = 3
    POSTCOPY_LISTEN = 4
    POSTCOPY_RUN = 5
    POSTCOPY_RAM_DISCARD = 6
    PACKAGED = 7
    ENABLE_COLO = 8
    POSTCOPY_RESUME = 9
    RECV_BITMAP = 10
    SWITCHOVER_START = 11


def command_name(command: int) -> str:
    """QEMU's name of a command without its prefix, or its number."""
    try:
        return CommandNumber(command).name
    except ValueError:
        return str(command)
