"""The guest's whole user space as one archive: busybox, modules of its kernel, and the agent.

The archive is of the cpio format that Linux unpacks at boot ("newc"); its layout is in
Documentation/driver-api/early-userspace/buffer-format.rst of Linux. Equal members give equal
bytes: no time, owner or inode of this machine gets in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files

import msgspec
import zstandard

from qcompat.arch.architecture import Architecture
from qcompat.linux.kernel import Kernel, Module, always, kernel_tree, load_modules, wanted

_DIRECTORIES = ("bin", "dev", "etc", "lib", "lib/modules", "mem", "proc", "run", "sys")
_SCRIPTS = ("init", "devices", "agent", "collect", "settle")
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
            file("etc/modules", _lines(always())),
            *_modules(f"lib/modules/{kernel.release}", modules),
        )
    )
    return zstandard.ZstdCompressor(level=3).compress(archive)


def identity(architecture: Architecture) -> str:
    """A digest of what a guest is booted with, which differs where that may behave differently."""
    digest = hashlib.sha256(str(kernel_tree(architecture).present()).encode())
    for name in _SCRIPTS:
        digest.update(_script(name))
    digest.update("\0".join((*wanted(), *always())).encode())
    return digest.hexdigest()


def _script(name: str) -> bytes:
    return files("qcompat.linux").joinpath(f"user_space/{name}.sh").read_bytes()


def _modules(place: str, modules: tuple[Module, ...]) -> Iterator[ArchiveMember]:
    """The modules, and what `modprobe` finds them by: its tables, as depmod(8) writes them."""
    yield directory(place)
    for module in modules:
        yield file(f"{place}/{module.name}.ko", module.data)
    needs = {module.name: module.needs for module in modules}
    yield file(f"{place}/modules.dep", _lines(_needed(name, needs) for name in needs))
    aliases = (f"alias {alias} {module.name}" for module in modules for alias in module.aliases)
    yield file(f"{place}/modules.alias", _lines(aliases))


def _needed(name: str, needs: Mapping[str, Sequence[str]]) -> str:
    """`a.ko: b.ko c.ko`: all that a module needs, each before what that needs itself."""
    found: dict[str, None] = {}

    def visit(one: str) -> None:
        for other in needs[one]:
            found.pop(other, None)
            found[other] = None
            visit(other)

    visit(name)
    return f"{name}.ko: {' '.join(f'{other}.ko' for other in found)}"


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


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
