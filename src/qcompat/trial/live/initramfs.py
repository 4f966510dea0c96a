"""The guest's whole user space: busybox, modules of its kernel, and the agent, as one archive."""

from __future__ import annotations

from importlib.resources import files

import zstandard

from qcompat.trial.live.cpio import Entry, directory, file, write_cpio
from qcompat.trial.live.kernel import Kernel
from qcompat.trial.live.module import Module, load_modules, wanted

_DIRECTORIES = ("bin", "dev", "mem", "modules", "proc", "run", "sys")
_SCRIPTS = ("init", "agent", "collect")


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


def _modules(modules: tuple[Module, ...]) -> tuple[Entry, ...]:
    order = "".join(f"{module.name}\n" for module in modules)
    return (
        *(file(f"modules/{module.name}.ko", module.data) for module in modules),
        file("modules/order", order.encode()),
    )
