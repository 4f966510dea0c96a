"""A vhost-user network or disk process: the other end of a device's socket.

The network offers what DPDK offers. The protocol is docs/interop/vhost-user.rst of QEMU 10.0. No
queue is served; all that negotiates, and what a migration asks (the dirty log, the vring bases), is
answered.
"""

from __future__ import annotations

import array
import os
import socket
import struct

import msgspec

_HEADER = struct.Struct("<III")
_VERSION, _REPLY, _NEED_REPLY = 1, 4, 8
_QUEUES = 128
_RING_FEATURES = (24, 26, 27, 28, 29, 30, 32, 33, 34, 35)
"""NOTIFY_ON_EMPTY, LOG_ALL, ANY_LAYOUT, indirect, event index, protocol features, version 1 …"""
_PROTOCOL = (0, 1, 2, 3, 4, 5)
"""MQ, LOG_SHMFD, RARP, REPLY_ACK, NET_MTU, BACKEND_REQ."""
_CONFIG_SPACE = 9
(
    GET_FEATURES,
    GET_VRING_BASE,
    GET_PROTOCOL_FEATURES,
    GET_QUEUE_NUM,
    SET_LOG_BASE,
    GET_CONFIG,
) = (1, 11, 15, 17, 6, 24)


class Sort(msgspec.Struct, frozen=True):
    """What a process is: the bits of its device's features and its configuration space."""

    features: tuple[int, ...]
    config: bytes = b""


NETWORK = Sort((0, 1, 7, 8, 10, 11, 12, 13, 14, 15, 17, 18, 21, 22, 23))
"""CSUM to MQ, as lib/vhost of DPDK 22.11 sets VIRTIO_NET_SUPPORTED_FEATURES."""
DISK = Sort(
    (1, 2, 6, 9, 12),
    struct.pack("<QIIHBBIBBHIBBH", 32768, 0, 254, 0, 0, 0, 512, 0, 0, 0, 0, 1, 0, 1),
)
"""16 MiB, with one queue (struct virtio_blk_config of the Linux headers)."""


def serve(connection: socket.socket, sort: Sort = NETWORK) -> None:
    """Answer one QEMU until it goes."""
    with connection:
        while header := _exactly(connection, _HEADER.size):
            request, flags, size = _HEADER.unpack(header)
            body = _exactly(connection, size)
            answer = _answer(sort, request, flags, body)
            if answer is not None:
                head = _HEADER.pack(request, _VERSION | _REPLY, len(answer))
                connection.sendall(head + answer)


def _answer(sort: Sort, request: int, flags: int, body: bytes) -> bytes | None:
    """The reply to a request; None where there is none."""
    protocol = (*_PROTOCOL, _CONFIG_SPACE) if sort.config else _PROTOCOL
    numbers = {
        GET_FEATURES: _mask(*sort.features, *_RING_FEATURES),
        GET_PROTOCOL_FEATURES: _mask(*protocol),
        GET_QUEUE_NUM: _QUEUES,
        SET_LOG_BASE: 0,
    }
    if request in numbers:
        return struct.pack("<Q", numbers[request])
    if request == GET_VRING_BASE:
        return struct.pack("<II", struct.unpack_from("<I", body)[0], 0)
    if request == GET_CONFIG:
        offset, size = struct.unpack_from("<II", body)
        return body[:12] + sort.config.ljust(offset + size, b"\0")[offset : offset + size]
    return struct.pack("<Q", 0) if flags & _NEED_REPLY else None


def _mask(*bits: int) -> int:
    return sum(1 << bit for bit in bits)


def _exactly(connection: socket.socket, size: int) -> bytes:
    """So many bytes; descriptors that come along are closed. Empty at the end."""
    taken = b""
    while len(taken) < size:
        room = socket.CMSG_SPACE(8 * array.array("i").itemsize)
        try:
            piece, control, _, _ = connection.recvmsg(size - len(taken), room)
        except OSError:
            return b""
        for _, _, data in control:
            for descriptor in array.array("i", data[: len(data) // 4 * 4]):
                os.close(descriptor)
        if not piece:
            return b""
        taken += piece
    return taken
