"""A vhost-user process that takes every feature and moves no data.

QEMU asks it before the guest exists, so without an answer no guest with such a card starts.
Messages and numbers: docs/interop/vhost-user.rst of 10.0. It maps no memory and rings no bell: a
guest that drives the card gets no packet, and none of its own leaves.
"""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Mapping

from qcompat.qemu.supplies.wire import Wire

_HEADER = struct.Struct("<III")  # request, flags, bytes that follow
_U64 = struct.Struct("<Q")
_STATE = struct.Struct("<II")  # a queue's number, and a value
_VERSION, _REPLY, _NEED_REPLY = 0x1, 0x4, 0x8
_LARGEST = 1 << 12
_MOST_QUEUES = 1024

_GET_FEATURES, _SET_LOG_BASE, _SET_VRING_BASE, _GET_VRING_BASE = 1, 6, 10, 11
_GET_PROTOCOL_FEATURES, _GET_QUEUE_NUM, _SET_BACKEND_REQ_FD, _GET_MAX_MEM_SLOTS = 15, 17, 21, 36
_GET_CONFIG, _SET_STATE_FD, _CHECK_STATE = 24, 42, 43
_CONFIG = struct.Struct("<III")  # offset, size, flags; the configuration itself follows
_NO_FILE = 1 << 8  # "use the file that you gave"; it is closed at once, so the state is empty
_ALL = (1 << 64) - 1
# MQ, LOG_SHMFD (without it a guest cannot migrate), RARP, REPLY_ACK, NET_MTU, BACKEND_REQ (without
# these two no card with an IOMMU) and CONFIGURE_MEM_SLOTS (without it, 8 memory slots).
_PROTOCOL = sum(1 << bit for bit in (0, 1, 2, 3, 4, 5, 15))
_OF_DEVICES = 1 << 9 | 1 << 19  # CONFIG, DEVICE_STATE
_ANSWERS = {
    _GET_FEATURES: _ALL,
    _GET_PROTOCOL_FEATURES: _PROTOCOL,
    _GET_QUEUE_NUM: _MOST_QUEUES,
    _GET_MAX_MEM_SLOTS: 509,
    _SET_LOG_BASE: 0,
    _SET_STATE_FD: _NO_FILE,
    _CHECK_STATE: 0,
}


async def serve(wire: Wire) -> None:
    """Answer one network to its end."""
    await _serve(wire, _ANSWERS)


async def serve_device(wire: Wire) -> None:
    """Answer a device whose configuration and state come from the process: zeros, and none."""
    await _serve(wire, _ANSWERS | {_GET_PROTOCOL_FEATURES: _PROTOCOL | _OF_DEVICES})


async def _serve(wire: Wire, answers: Mapping[int, int]) -> None:
    positions: dict[int, int] = {}
    with contextlib.ExitStack() as kept:
        while True:
            request, flags, size = _HEADER.unpack(await wire.read(_HEADER.size))
            if size > _LARGEST:
                raise EOFError
            payload = await wire.read(size)
            if request == _SET_BACKEND_REQ_FD and wire.files:
                _keep_last(wire, kept)
            wire.drop_files()
            reply = _reply(request, payload, answers, positions)
            if reply is None and flags & _NEED_REPLY:
                reply = _U64.pack(0)
            if reply is not None:
                await wire.write(_HEADER.pack(request, _VERSION | _REPLY, len(reply)) + reply)


def _keep_last(wire: Wire, kept: contextlib.ExitStack) -> None:
    """QEMU complains when its own channel for questions back is closed."""
    kept.close()
    kept.callback(os.close, wire.files.pop())


def _reply(
    request: int, payload: bytes, answers: Mapping[int, int], positions: dict[int, int]
) -> bytes | None:
    if request in answers:
        return _U64.pack(answers[request])
    if request == _GET_CONFIG:
        return payload[: _CONFIG.size] + bytes(max(0, len(payload) - _CONFIG.size))
    if request not in (_SET_VRING_BASE, _GET_VRING_BASE):
        return None
    if len(payload) != _STATE.size:
        raise EOFError
    queue, position = _STATE.unpack(payload)
    if request == _GET_VRING_BASE:
        return _STATE.pack(queue, positions.get(queue % _MOST_QUEUES, 0))
    positions[queue % _MOST_QUEUES] = position
    return None
