"""A vhost-user process of its own, with the features of DPDK's vhost library: PATH is its socket.

It shares no line with the stand-in that it is held against.
"""

from __future__ import annotations

import socket
import struct
import sys
import threading

# VIRTIO_NET_SUPPORTED_FEATURES of rte_vhost (lib/vhost/vhost.h, 23.11): checksums, MTU, TSO, merged
# buffers, control queue, several queues, the log, protocol features, indirect descriptors, event
# index, version 1, IOMMU, packed rings, in order.
BITS = (0, 1, 3, 7, 8, 11, 12, 15, 17, 18, 21, 22, 24, 26, 28, 29, 30, 32, 33, 34, 35)
FEATURES = sum(1 << bit for bit in BITS)
PROTOCOL = 0b111111  # MQ, LOG_SHMFD, RARP, REPLY_ACK, NET_MTU, BACKEND_REQ
VALUES = {1: FEATURES, 15: PROTOCOL, 17: 128, 6: 0}


def serve(connection: socket.socket) -> None:
    kept = []
    while True:
        head, files, *_ = socket.recv_fds(connection, 12, 8)
        if len(head) < 12:
            return
        kept += files
        request, flags, size = struct.unpack("<III", head)
        body = connection.recv(size, socket.MSG_WAITALL) if size else b""
        value = VALUES.get(request, 0 if flags & 8 else None)
        reply = struct.pack("<II", *struct.unpack("<II", body)) if request == 11 else None
        if reply is None and value is not None:
            reply = struct.pack("<Q", value)
        if reply is not None:
            connection.sendall(struct.pack("<III", request, 5, len(reply)) + reply)


def main(path: str) -> None:
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen()
    print("ready", flush=True)
    while True:
        connection, _ = listening.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1])
