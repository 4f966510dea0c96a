"""A TPM 2.0 emulator that holds no state and fails every command of the guest.

QEMU speaks with it over two sockets: control messages, and TPM commands over one that it hands
over. Messages and sizes: backends/tpm/tpm_ioctl.h and tpm_emulator.c of 5.2 to 10.2. The state
that it gives at a migration is empty, and it takes any.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct

from qcompat.qemu.supplies.wire import Wire

_U32 = struct.Struct(">I")
_HEADER = struct.Struct(">HII")  # a TPM command or response: tag, length, code
_LARGEST = 1 << 20
_BUFFER = 4096
_OK = bytes(4)
_GET_CAPABILITY, _INIT, _GET_ESTABLISHED, _SET_LOCALITY, _RESET_ESTABLISHED = 1, 2, 4, 5, 11
_GET_STATE, _SET_STATE, _SET_DATA_FD, _SET_BUFFER_SIZE, _LOCK_STORAGE = 12, 13, 16, 17, 19
_FOLLOWS = {
    _INIT: 4,
    _SET_LOCALITY: 4,
    _RESET_ESTABLISHED: 4,
    _GET_STATE: 12,
    _SET_STATE: 12,
    _SET_BUFFER_SIZE: 4,
    _LOCK_STORAGE: 4,
}
"""Bytes of a request after its number; padded as in C."""
_ALL = 0x1FFFF & ~(1 << 6) & ~(1 << 14)  # without STORE_VOLATILE and GET_INFO, which none asks for
_REPLIES = {
    _GET_CAPABILITY: _OK + _U32.pack(_ALL),
    _GET_ESTABLISHED: bytes(8),
    _GET_STATE: bytes(16),
    _SET_BUFFER_SIZE: _OK + _U32.pack(_BUFFER) * 3,
}
"""What is answered; to all others that it worked."""
_NO_SESSIONS, _NOT_INITIALIZED = 0x8001, 0x100


async def serve(wire: Wire) -> None:
    """Answer one device to its end."""
    failing: asyncio.Task[None] | None = None
    try:
        while True:
            (request,) = _U32.unpack(await wire.read(_U32.size))
            payload = await wire.read(_FOLLOWS.get(request, 0))
            if request == _SET_STATE:
                await _skip(wire, _U32.unpack_from(payload, 8)[0])
            if request == _SET_DATA_FD and wire.files and failing is None:
                channel = socket.socket(fileno=wire.files.pop())
                failing = asyncio.create_task(_fail_commands(channel))
            wire.drop_files()
            await wire.write(_REPLIES.get(request, _OK))
    finally:
        if failing is not None:
            failing.cancel()
            await asyncio.wait([failing])


async def _fail_commands(channel: socket.socket) -> None:
    with channel, contextlib.suppress(OSError, EOFError):
        commands = Wire(channel)
        while True:
            _, length, _ = _HEADER.unpack(await commands.read(_HEADER.size))
            await _skip(commands, length - _HEADER.size)
            await commands.write(_HEADER.pack(_NO_SESSIONS, _HEADER.size, _NOT_INITIALIZED))


async def _skip(wire: Wire, size: int) -> None:
    if not 0 <= size <= _LARGEST:
        raise EOFError
    await wire.read(size)
