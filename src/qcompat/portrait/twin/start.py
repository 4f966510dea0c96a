"""Starting a twin: the build's words, its arguments, and the files of its memory."""

from __future__ import annotations

import contextlib
import mmap
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.find.firmware import place_of
from qcompat.builds.run.command import command
from qcompat.builds.run.kvm_memory import open_filter
from qcompat.errors import BuildError, HostLacksError
from qcompat.guest.guest import Guest
from qcompat.guest.option import format_size
from qcompat.portrait.portrait import Accel
from qcompat.portrait.twin.bios import NAME, with_bios
from qcompat.portrait.twin.memory import Block, hold
from qcompat.qemu import incoming
from qcompat.qemu.launch import launch
from qcompat.qemu.outcome import Outcome
from qcompat.qemu.process import Qemu

_LOOKS_AT_ITS_MEMORY = b"unplugged-inaccessible"
"""A property of virtio-mem, from the release on in which it looks at what its memory is (7.0)."""


class MemoryFile(msgspec.Struct, frozen=True):
    """A block of guest memory and the open file that holds it; what was never written is a hole."""

    block: Block
    file: int


class Start(msgspec.Struct, frozen=True):
    """What `qemu.launch` needs for one start of a twin.

    `memory` are the files of its memory that its stream has to get from there (`save`).
    """

    command: list[str]
    arguments: list[str]
    inherit: tuple[int, ...]
    memory: tuple[MemoryFile, ...]


class Twin(msgspec.Struct, frozen=True):
    """A guest to be started on a build, any number of times; `runs` says that it may run there.

    With `boots` it has firmware that boots, where its own is not read (`bios`).
    """

    build: Build
    guest: Guest
    accel: Accel
    runs: bool = False
    boots: bool = False


class Started(NamedTuple):
    """A running twin, and the files from which `save` completes its stream."""

    qemu: Qemu
    memory: tuple[MemoryFile, ...]


@contextlib.asynccontextmanager
async def started(twin: Twin, *, waiting: bool = False) -> AsyncIterator[Started]:
    """The twin, paused, or `waiting` for a migration. Errors: as `launch` and `command`."""
    defer = ("-incoming", "defer") if waiting else ()
    with prepared(twin) as start:
        arguments = [*start.arguments, *defer]
        async with launch(start.command, arguments, inherit=start.inherit) as qemu:
            yield Started(qemu, start.memory)


async def receive(twin: Twin, stream: BinaryIO) -> Outcome:
    """How the twin takes `stream`, read from its start. Errors: as `qemu.incoming.receive`."""
    with prepared(twin) as start:
        return await incoming.receive(start.command, start.arguments, stream, inherit=start.inherit)


@contextlib.contextmanager
def prepared(twin: Twin) -> Iterator[Start]:
    """One start of the twin; its files are closed at the end.

    Under KVM one that never `runs` is started without KVM knowing of its memory. Errors: as
    `builds.run.command`, and HostLacksError where files for its memory cannot be made.
    """
    build, guest, has_kvm = twin.build, twin.guest, twin.accel == "kvm"
    with contextlib.ExitStack() as opened:
        files: list[MemoryFile] = []

        def path_of(block: Block) -> str:
            file = _memory_file(block)
            opened.callback(os.close, file)
            files.append(MemoryFile(block, file))
            return f"/proc/self/fd/{file}"

        others: list[int] = []

        def bios_of(size: int) -> str:
            file = _bios_file(build, size)
            opened.callback(os.close, file)
            others.append(file)
            return f"/proc/self/fd/{file}"

        arguments = with_bios(guest.arguments, bios_of) if twin.boots else guest.arguments
        held = hold(arguments, path_of, can_look=_looks_at_its_memory(build, guest))
        system_calls = open_filter() if has_kvm and not twin.runs else None
        if system_calls is not None:
            opened.callback(os.close, system_calls)
            others.append(system_calls)
        words = command(
            build,
            kvm=has_kvm,
            network_namespace=guest.network_namespace,
            system_calls=system_calls,
        )
        inherit = (*(each.file for each in files), *others)
        memory = tuple(files) if held.is_left_out else ()
        yield Start(words, ["-accel", twin.accel, *held.arguments], inherit, memory)


def _bios_file(build: Build, size: int) -> int:
    """Firmware of this size that ends in the build's own. Errors: BuildError where it has none."""
    place = place_of(build, NAME)
    if place is None:
        raise BuildError(f"{build.name} has no {NAME}, with which its guests could boot")
    file = os.memfd_create("qcompat-bios")
    os.ftruncate(file, size)
    content = place.read_bytes()
    os.pwrite(file, content, size - len(content))
    return file


def _memory_file(block: Block) -> int:
    try:
        file = os.memfd_create("qcompat-memory")
        os.ftruncate(file, block.size)
    except OSError as error:
        raise HostLacksError(
            f"no file for {format_size(block.size)} of guest memory can be made: {error.strerror}",
            "allow more open files and larger ones (ulimit -n, ulimit -f)",
            kind="limit",
        ) from error
    return file


def _looks_at_its_memory(build: Build, guest: Guest) -> bool:
    """Whether the guest's virtio-mem, if it has one, looks at what its memory is."""
    if not any("virtio-mem" in word for word in guest.arguments):
        return False
    with (
        contextlib.suppress(OSError, ValueError),
        Path(f"{build.root}{build.binary}").open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        return content.find(_LOOKS_AT_ITS_MEMORY) >= 0
    return True
