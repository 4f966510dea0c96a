"""Opening what a guest's arguments ask for, for one QEMU, and closing it with that QEMU.

Nothing of it has a name in the file system of this machine. In a sandbox the names are links to the
open files; without one the arguments say the files' numbers.
"""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

import msgspec

from qcompat.qemu.supplies import tpm, vhost_user
from qcompat.qemu.supplies.names import TPM, VHOST_USER, VHOST_USER_DEVICE, firmware, supplies_in
from qcompat.qemu.supplies.wire import answering

# Where an x86 processor starts, 16 bytes before the end of its firmware: cli; hlt; jmp to the hlt.
_HALT, _FROM_END = bytes.fromhex("faf4ebfd"), 16


_SERVE = {
    VHOST_USER: vhost_user.serve,
    VHOST_USER_DEVICE: vhost_user.serve_device,
    TPM: tpm.serve,
}


class Supplies(msgspec.Struct, frozen=True):
    """The words that start a QEMU with its supplies, and the files that it must inherit."""

    command: tuple[str, ...]
    arguments: tuple[str, ...]
    descriptors: tuple[int, ...] = ()


@contextlib.asynccontextmanager
async def supplied(command: Sequence[str], arguments: Sequence[str]) -> AsyncIterator[Supplies]:
    """What one QEMU with these arguments needs, while the context lasts.

    `command` starts the build, with or without bubblewrap (see `builds.run.command`).
    """
    async with contextlib.AsyncExitStack() as stack:
        files: dict[str, int] = {}
        for name, size in supplies_in(arguments).items():
            if name in _SERVE:
                listening, files[name] = stack.enter_context(_nameless_socket())
                await stack.enter_async_context(answering(listening, _SERVE[name]))
            else:
                files[name] = stack.enter_context(_file(name, size))
        yield _named(command, arguments, files)


def _named(command: Sequence[str], arguments: Sequence[str], files: Mapping[str, int]) -> Supplies:
    paths = {name: f"/proc/self/fd/{file}" for name, file in files.items()}
    words = list(command)
    if "bwrap" in words:
        end = words.index("--", words.index("bwrap"))
        words[end:end] = [w for name, path in paths.items() for w in ("--symlink", path, name)]
        return Supplies(tuple(words), tuple(arguments), tuple(files.values()))
    for name in sorted(paths, key=len, reverse=True):  # one may be the beginning of another
        arguments = [word.replace(name, paths[name]) for word in arguments]
    return Supplies(tuple(words), tuple(arguments), tuple(files.values()))


@contextlib.contextmanager
def _file(name: str, size: int) -> Iterator[int]:
    """A file in memory, of which only what is written takes any."""
    file = os.memfd_create("qcompat", os.MFD_CLOEXEC)
    try:
        os.truncate(file, size)
        if name == firmware(size) and size >= _FROM_END:
            os.pwrite(file, _HALT, size - _FROM_END)
        yield file
    finally:
        os.close(file)


@contextlib.contextmanager
def _nameless_socket() -> Iterator[tuple[socket.socket, int]]:
    """A socket that listens, and its file, which has no name any more when this returns.

    QEMU passes files only over a socket that it connects to by a path (chardev/char-socket.c,
    `SOCKET_ADDRESS_TYPE_UNIX`); a path through an open file of the socket will do.
    """
    with socket.socket(socket.AF_UNIX) as listening:
        with tempfile.TemporaryDirectory(prefix="qcompat-") as place:
            directory = os.open(place, os.O_PATH | os.O_DIRECTORY)
            try:  # a socket's name has 107 bytes at most (unix(7)), a place for files may have more
                listening.bind(f"/proc/self/fd/{directory}/socket")
                listening.listen()
                file = os.open("socket", os.O_PATH, dir_fd=directory)
            finally:
                os.close(directory)
        try:
            yield listening, file
        finally:
            os.close(file)
