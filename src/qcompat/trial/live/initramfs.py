"""The guest's whole user space as one archive: busybox, modules of its kernel, and the agent.

The archive is of the cpio format that Linux unpacks at boot ("newc"); its layout is in
Documentation/driver-api/early-userspace/buffer-format.rst of Linux. Equal members give equal
bytes: no time, owner or inode of this machine gets in.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

import msgspec
import zstandard

from qcompat.trial.live.kernel import Kernel, Module, load_modules, wanted

_DIRECTORIES = ("bin", "dev", "mem", "modules", "proc", "run", "sys")
_SCRIPTS = ("init", "agent", "collect")
_MAGIC = b"070701"
_ALIGNMENT = 4
_END = "TRAILER!!!"
_DIRECTORY = 0o040000
_FILE = 0o100000


def build_initramfs(kernel: Kernel) -> bytes:
    """The archive, compressed as every kernel since 5.9 reads it; equal for equal kernels."""
    modules = load_modules(kernel.modules, wanted())
    archive = write_cpio(
        (
            *(directory(name) for name in _DIRECTORIES),
            file("bin/busybox", kernel.busybox.read_bytes()),
            *(file(name, _script(name)) for name in _SCRIPTS),
            *_modules(modules),
        )
    )
    return zstandard.ZstdCompressor(level=3).compress(archive)


def _script(name: str) -> bytes:
    return files("qcompat.trial.live").joinpath(f"agent/{name}.sh").read_bytes()


def _modules(modules: tuple[Module, ...]) -> tuple[ArchiveMember, ...]:
    order = "".join(f"{module.name}\n" for module in modules)
    return (
        *(file(f"modules/{module.name}.ko", module.data) for module in modules),
        file("modules/order", order.encode()),
    )


class ArchiveMember(msgspec.Struct, frozen=True):
    """A file or directory; `path` without a leading slash, `mode` with its type."""

    path: str
    mode: int
    data: bytes = b""


def directory(path: str) -> ArchiveMember:
    return ArchiveMember(path, _DIRECTORY | 0o755)


def file(path: str, data: bytes) -> ArchiveMember:
    """A file; all are executable, since only root is there."""
    return ArchiveMember(path, _FILE | 0o755, data)


def write_cpio(members: Iterable[ArchiveMember]) -> bytes:
    """The archive; a directory has to come before what lies in it."""
    archive = bytearray()
    for inode, member in enumerate((*members, ArchiveMember(_END, 0)), start=1):
        archive += _header(member, inode)
        archive += _padded(member.data)
    return bytes(archive)


def _header(member: ArchiveMember, inode: int) -> bytes:
    """Thirteen numbers of eight hexadecimal digits after the magic, then the name."""
    name = member.path.encode() + b"\0"
    links = 2 if member.mode & _DIRECTORY else 1
    numbers = (inode, member.mode, 0, 0, links, 0, len(member.data), 0, 0, 0, 0, len(name), 0)
    return _padded(_MAGIC + b"".join(b"%08X" % number for number in numbers) + name)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % _ALIGNMENT)
