"""The words for a running guest: which one is meant, and by what it is reached."""

from __future__ import annotations

import shlex
from pathlib import Path

import msgspec


class Socket(msgspec.Struct, frozen=True):
    """The guest whose QEMU listens on a QMP socket of its own."""

    path: Path


class Process(msgspec.Struct, frozen=True):
    """The guest that a QEMU process of this machine runs."""

    pid: int


class Domain(msgspec.Struct, frozen=True):
    """A domain of libvirt: its name, UUID or id, at a connection (empty: virsh's default)."""

    name: str
    connect: str = ""

    @property
    def option(self) -> str:
        """The options of virsh and of qcompat that name its connection, as a user types them."""
        return f"--connect {shlex.quote(self.connect)} " if self.connect else ""


Running = Socket | Process | Domain
"""How a running guest is reached."""
