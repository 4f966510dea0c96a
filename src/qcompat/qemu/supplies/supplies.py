"""Opening what a guest's arguments ask for, for one QEMU, and closing it with that QEMU."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import msgspec

from qcompat.qemu.supplies.names import VHOST_USER
from qcompat.qemu.supplies.vhost_user import answering


class Supplies(msgspec.Struct, frozen=True):
    """The arguments with what was opened in place of the names, and the files to be inherited."""

    arguments: tuple[str, ...]
    descriptors: tuple[int, ...] = ()


@contextlib.asynccontextmanager
async def supplied(arguments: Sequence[str]) -> AsyncIterator[Supplies]:
    """What one QEMU with these arguments needs, while the context lasts."""
    if not any(VHOST_USER in word for word in arguments):
        yield Supplies(tuple(arguments))
        return
    with _nameless_socket() as (listening, file):
        async with answering(listening):
            path = f"/proc/self/fd/{file}"
            words = tuple(word.replace(VHOST_USER, path) for word in arguments)
            yield Supplies(words, (file,))


@contextlib.contextmanager
def _nameless_socket() -> Iterator[tuple[socket.socket, int]]:
    """A socket that listens, and its file, which has no name any more when this returns.

    QEMU passes files only over a socket that it connects to by a path (chardev/char-socket.c,
    `SOCKET_ADDRESS_TYPE_UNIX`); a path through an open file of the socket will do.
    """
    with socket.socket(socket.AF_UNIX) as listening:
        with tempfile.TemporaryDirectory(prefix="qcompat-") as place:
            path = Path(place, "socket")
            listening.bind(str(path))
            listening.listen()
            file = os.open(path, os.O_PATH)
        try:
            yield listening, file
        finally:
            os.close(file)
