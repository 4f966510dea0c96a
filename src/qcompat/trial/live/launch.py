"""Starting one QEMU of a live trial: what it shares with the others, and what is its own.

All QEMUs of a trial share the kernel, the initramfs and the disks. Each has its own ends of the
guest's serial port and network cards.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec

from qcompat.builds.run.command import command
from qcompat.linux.initramfs import build_initramfs
from qcompat.linux.kernel import Kernel
from qcompat.portrait.portrait import Accel
from qcompat.qemu.launch import launch
from qcompat.qemu.process import Qemu
from qcompat.trial.live.agent.conversation import Port
from qcompat.trial.live.disks import Disks, MemoryFile
from qcompat.trial.live.guest import LiveGuest, live_guest
from qcompat.trial.live.network import NetworkCards, networks
from qcompat.trial.stop import Stop
from qcompat.trial.trial import Variant
from qcompat.trial.wire.ends import with_faults


class SharedFiles:
    """The open files that all QEMUs inherit; closed at the end of the context."""

    def __init__(self, kernel: Kernel) -> None:
        self.disks = Disks()
        archive = build_initramfs(kernel)
        self._initramfs = MemoryFile(len(archive), [(0, archive)])
        self._image = os.open(kernel.image, os.O_RDONLY | os.O_CLOEXEC)

    def __enter__(self) -> SharedFiles:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._image)
        self._initramfs.close()
        self.disks.close()

    @property
    def descriptors(self) -> tuple[int, ...]:
        return (self._image, self._initramfs.readable, *self.disks.descriptors)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The kernel and its archive, and the disks' files, all by their numbers."""
        image, archive = self._image, self._initramfs.readable
        boot = ("-kernel", f"/proc/self/fd/{image}", "-initrd", f"/proc/self/fd/{archive}")
        return (*self.disks.arguments, *boot)


class Setup(msgspec.Struct, frozen=True):
    """What the QEMUs of one trial have in common; `place` is the directory they share.

    With `hotplug` the guest gets devices and loses them on the way.
    """

    files: SharedFiles
    accel: Accel
    variant: Variant
    place: Path
    hotplug: bool = False

    @property
    def patterns(self) -> frozenset[str]:
        """The MD5 sums of what was put on the disks."""
        return frozenset(self.files.disks.sums.values())

    def guest(self, stop: Stop) -> LiveGuest:
        return live_guest(stop.guest, self.accel, self.files.disks)

    def command(self, stop: Stop) -> list[str]:
        words = command(
            stop.build,
            writable=(self.place,) if self.variant == "multifd" else (),
            kvm=self.accel == "kvm",
            network_namespace=stop.guest.network_namespace,
        )
        return with_faults(words) if self.variant == "postcopy" else words


class RunningGuest(msgspec.Struct, frozen=True):
    """The guest in one QEMU, and our end of the port that its agent speaks on."""

    qemu: Qemu
    port: Port


@contextlib.asynccontextmanager
async def launch_guest(
    setup: Setup, stop: Stop, *, incoming: bool, plugged: Sequence[str] = ()
) -> AsyncIterator[RunningGuest]:
    """Start the guest of a stop, paused or waiting for it to arrive, with what it got on the way.

    Raises as `launch` does.
    """
    guest = setup.guest(stop)
    async with contextlib.AsyncExitStack() as stack:
        port = Port()
        stack.push_async_callback(port.close)
        cards = NetworkCards(networks(guest.options))
        stack.callback(cards.close)
        inherit = (port.qemu_end.fileno(), *cards.descriptors, *setup.files.descriptors)
        arguments = [*_arguments(setup, guest, port, cards), *plugged]
        waiting = ("-incoming", "defer") if incoming else ()
        starting = launch(setup.command(stop), [*arguments, *waiting], inherit=inherit)
        qemu = await stack.enter_async_context(starting)
        port.qemu_end.close()
        cards.close_qemu_ends()
        await stack.enter_async_context(cards.answered())
        yield RunningGuest(qemu, port)


def _arguments(setup: Setup, guest: LiveGuest, port: Port, cards: NetworkCards) -> list[str]:
    serial = f"socket,id={guest.serial.chardev},fd={port.qemu_end.fileno()}"
    return [
        *("-accel", setup.accel, *guest.arguments, *setup.files.arguments),
        *("-append", guest.append, "-chardev", serial, *cards.arguments),
    ]
