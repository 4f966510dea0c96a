"""What all QEMUs of one live trial share: the kernel, the initramfs, the disks."""

from __future__ import annotations

import os

from qcompat.trial.live.disks import Disks
from qcompat.trial.live.initramfs import build_initramfs
from qcompat.trial.live.kernel import Kernel
from qcompat.trial.live.memory_file import MemoryFile


class Furniture:
    """Open files, which QEMUs inherit; closed at the end of the context."""

    def __init__(self, kernel: Kernel) -> None:
        self.disks = Disks()
        archive = build_initramfs(kernel)
        self._initramfs = MemoryFile(len(archive), [(0, archive)])
        self._image = os.open(kernel.image, os.O_RDONLY | os.O_CLOEXEC)

    def __enter__(self) -> Furniture:
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
