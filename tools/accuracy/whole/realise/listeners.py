"""Sockets with somebody at the other end, and taps."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tools.accuracy.whole.realise.place import NotHadError
from tools.accuracy.whole.realise.vhost_user import serve

TAP_SECONDS = 10.0
TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR, IFF_MULTI_QUEUE = 0x2, 0x1000, 0x4000, 0x100


def open_tap(name: str, *, is_multi: bool) -> int:
    """A tap of this name, as the descriptor that QEMU is handed. Errors: NotHadError.

    The kernel takes a moment to give one back that a QEMU which was ended had.
    """
    try:
        tap = os.open("/dev/net/tun", os.O_RDWR)
    except OSError as error:
        raise NotHadError("no /dev/net/tun") from error
    flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | (IFF_MULTI_QUEUE if is_multi else 0)
    until = time.monotonic() + TAP_SECONDS
    while True:
        try:
            fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH14x", name.encode(), flags))
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return tap


def listen_on(host: str, port: int) -> socket.socket:
    """A server at this address. Errors: NotHadError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    held = socket.socket(family)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        held.bind((host.strip("[]"), port))
    except OSError as error:
        raise NotHadError(f"no server at {host}: {error.strerror}") from error
    held.listen(16)
    return held


def accept(held: socket.socket, answer: Callable[[socket.socket], None]) -> None:
    """Give every connection to `answer`, until the socket is closed."""
    while True:
        try:
            connection, _ = held.accept()
        except OSError:
            return
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


def connect(path: Path, seconds: float = 60) -> None:
    """Be the process that connects to QEMU, as soon as it listens."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        held = socket.socket(socket.AF_UNIX)
        directory = os.open(path.parent, os.O_PATH)
        try:
            held.connect(f"/proc/self/fd/{directory}/{path.name}")
        except OSError:
            held.close()
            time.sleep(0.05)
        else:
            serve(held)
            return
        finally:
            os.close(directory)


def hold(connection: socket.socket) -> None:
    """Take what comes, as a client that never answers."""
    with connection:
        try:
            while connection.recv(4096):
                pass
        except OSError:
            return
