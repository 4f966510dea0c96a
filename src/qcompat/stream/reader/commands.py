"""The commands that a stream carries to the target, as QEMU numbers them.

migration/savevm.c, enum qemu_vm_cmd; ENABLE_COLO since 2.9, POSTCOPY_RESUME and RECV_BITMAP since
2.13 (released as 3.0), SWITCHOVER_START since 10.0.
"""

from __future__ import annotations

from enum import IntEnum


class CommandNumber(IntEnum):
    """What the source asks of the target."""

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


def name_of(command: int) -> str:
    """QEMU's name of a command without its prefix, or its number."""
    try:
        return CommandNumber(command).name
    except ValueError:
        return str(command)
