"""The files of a build that this machine can read: its binary and its loadable modules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from qcompat.builds.build import Build
from qcompat.builds.run.inside import resolve_inside

# Prefixes of QEMU's module files, by subsystem (meson.build of 5.2.0 to 10.0.13).
_PREFIXES = ("accel-", "audio-", "block-", "chardev-", "hw-", "net-", "target-", "tcg-", "ui-")


def binary_of(build: Build) -> Path:
    """The binary's place as this machine sees it."""
    return Path(build.root + resolve_inside(build.root, build.binary))


def modules_of(build: Build) -> tuple[Path, ...]:
    """The build's loadable modules, sorted; empty for one that has none."""
    return tuple(
        sorted(
            path
            for directory in _directories(build)
            for path in directory.glob("*.so")
            if path.name.startswith(_PREFIXES)
        )
    )


def _directories(build: Build) -> Iterator[Path]:
    """Where the build would look: the named place, else `LIBDIR/qemu` beside its binary.

    A binary in its build tree has its modules next to it.
    """
    if build.module_dir:
        yield Path(build.root + build.module_dir)
        return
    binary = binary_of(build)
    if binary.parent.name == "bin":
        yield from binary.parent.parent.glob("lib*/qemu")
        yield from binary.parent.parent.glob("lib/*-linux-gnu*/qemu")
    else:
        yield binary.parent
