"""The names by which a guest's arguments ask for supplies: the same on every machine."""

from __future__ import annotations

import re
from collections.abc import Iterable

VHOST_USER = "/qcompat/vhost-user"
"""The path of a socket on which a vhost-user process answers."""

VHOST_USER_DEVICE = "/qcompat/device-of-vhost-user"
"""The same for a whole device, such as vhost-user-blk."""

TPM = "/qcompat/tpm"
"""The path of a socket on which a TPM emulator answers."""

SOCKETS = (VHOST_USER, VHOST_USER_DEVICE, TPM)
_FILE = re.compile(r"/qcompat/(?:zeros|firmware)-(\d{1,9})(?!\d)")


def zeros(size: int) -> str:
    """The path of a file of so many zero bytes."""
    return f"/qcompat/zeros-{size}"


def firmware(size: int) -> str:
    """The path of firmware of so many bytes, which halts an x86 processor and does no more."""
    return f"/qcompat/firmware-{size}"


def is_supply(path: str) -> bool:
    return path in SOCKETS or _FILE.fullmatch(path) is not None


def supplies_in(arguments: Iterable[str]) -> dict[str, int]:
    """Every name in the arguments; of a file its size, of a socket -1."""
    found: dict[str, int] = {}
    for word in arguments:
        found |= {name: -1 for name in SOCKETS if name in word}
        found |= {match[0]: int(match[1]) for match in _FILE.finditer(word)}
    return found
