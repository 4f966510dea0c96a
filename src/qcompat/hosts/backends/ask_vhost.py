"""Asking the kernel's vhost devices for their features; nothing is set or started.

Asking takes an open and two ioctls. A vDPA device is not opened at all: that would take it from
its next user, and closing resets it (drivers/vhost/vdpa.c of Linux).
"""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Iterator
from pathlib import Path

from qcompat.hosts.backends.model import Vhost
from qcompat.portrait.portrait import Gap

KINDS = ("net", "vsock", "scsi")

# linux/vhost.h: _IOR(0xAF, 0x00, __u64) and _IOR(0xAF, 0x26, __u64).
_GET_FEATURES, _GET_BACKEND_FEATURES = 0x8008AF00, 0x8008AF26
_VDPA = "opening it would take the device from others, so it was not asked"


def ask_vhost(devices: Path = Path("/dev")) -> Iterator[Vhost | Gap]:
    """Each vhost node that is there, or why it could not be asked."""
    for kind in KINDS:
        node = devices / f"vhost-{kind}"
        if node.exists():
            yield _ask(kind, node)
    for node in sorted(devices.glob("vhost-vdpa-*")):
        yield Gap(node.name, _VDPA)


def absent(devices: Path = Path("/dev")) -> tuple[str, ...]:
    """The vhost nodes that this host does not have."""
    nodes = (devices / f"vhost-{kind}" for kind in KINDS)
    return tuple(str(node) for node in nodes if not node.exists())


def _ask(kind: str, node: Path) -> Vhost | Gap:
    try:
        descriptor = os.open(node, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        return Gap(node.name, f"{node} cannot be opened: {error.strerror}; run as another user")
    try:
        features = _number(descriptor, _GET_FEATURES)
        return Vhost(
            kind=kind,
            node=str(node),
            features=features,
            backend_features=_backend_features(descriptor),
        )
    except OSError as error:
        return Gap(node.name, f"{node} does not report its features: {error.strerror}")
    finally:
        os.close(descriptor)


def _backend_features(descriptor: int) -> int:
    """0 where the kernel has no such ioctl (before 4.20)."""
    try:
        return _number(descriptor, _GET_BACKEND_FEATURES)
    except OSError:
        return 0


def _number(descriptor: int, question: int) -> int:
    (value,) = struct.unpack("Q", fcntl.ioctl(descriptor, question, bytes(8)))
    return int(value)
