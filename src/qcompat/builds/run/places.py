"""What a build sees besides its system's own directories, as a closed list of paths.

Of the directory of a binary only what belongs to QEMU is shown: it may hold disks too. Other
directories of a build are shown whole, unless that would put something over the sandbox's private
mounts or show more than the build: of `/`, `/opt`, `/tmp`, the user's home and whatever holds one
of them only the files that QEMU reads are shown, one by one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from qcompat.builds.build import Build
from qcompat.builds.learn.elf import LARGEST, Elf
from qcompat.builds.run import sandbox
from qcompat.builds.run.inside import resolve_inside
from qcompat.errors import FileFormatError
from qcompat.local.foreign_file import read_foreign

# QEMU looks for its data relative to its binary (get_relocated_path, system/datadir.c of 10.0).
_BESIDE_BIN = (
    *("share/qemu", "share/qemu-kvm", "share/seabios", "share/seavgabios", "share/qemu-firmware"),
    *("share/ipxe", "lib/ipxe", "lib", "lib64"),
)
# Beside a binary in its build tree (os_find_datadir, softmmu/datadir.c of 5.2, and 7.0 on), and
# beside one that was put into one directory with all that it needs.
_BESIDE = ("pc-bios", "qemu-bundle", "share/qemu", "lib")
_OF_QEMU = ("qemu", "qemu-firmware")
_FIRMWARE = ("*.bin", "*.rom", "*.fd", "*.img", "*.dtb", "*.elf")
_LIBRARIES = ("*.so", "*.so.*")
_MODULES = ("usr/lib*/qemu", "usr/lib/*/qemu", "usr/local/lib*/qemu", "usr/local/lib/*/qemu")
# What `sandbox.PRIVATE` mounts; bubblewrap's /dev has three mounts and a link of its own.
_PRIVATE = ("/dev/shm", "/dev/pts", "/dev/mqueue", "/dev/fd", "/proc", "/tmp")  # noqa: S108
# Directories that are shared by much that is not QEMU's.
_SHARED = (
    *("/boot", "/data", "/etc", "/home", "/media", "/mnt", "/opt", "/run", "/srv"),
    *("/var/cache", "/var/lib", "/var/log", "/var/opt", "/var/tmp"),  # noqa: S108
)


def places(build: Build) -> tuple[tuple[str, str], ...]:
    """Each directory and file, on this machine and as the build sees it.

    For a native build both are the same; a build in a root sees its root's.
    """
    found = _Places(build)
    wanted = {os.path.normpath(place) for place in found.wanted()}
    return tuple(
        (found.here(place), place)
        for place in sorted(wanted)
        if Path(found.here(place)).exists() and not _is_system(place)
    )


def hidden(build: Build) -> tuple[str, ...]:
    """Directories with modules of another QEMU, installed beside the one that this build is.

    Where its own lacks a module, QEMU looks there, and aborts since the module is another build's
    (module_load_dso, util/module.c of 8.2).
    """
    binary = Path(resolve_inside(build.root, build.binary))
    found = [path for pattern in _MODULES for path in Path(build.root or "/").glob(pattern)]
    modules = (path for path in found if next(path.glob("*.so"), None))
    inside = (Path("/") / path.relative_to(build.root or "/") for path in modules)
    return tuple(
        str(place)
        for place in sorted(inside)
        if not place.is_relative_to(binary.parent.parent) and str(place) != build.module_dir
    )


def is_too_wide(directory: Path) -> bool:
    """Whether showing this directory whole would show more than any build of QEMU needs."""
    kept_apart = [Path(place) for place in (*_PRIVATE, *_SHARED)] + _homes()
    return any(
        path.is_relative_to("/proc")
        or path.is_relative_to("/sys")
        or any(place.is_relative_to(path) for place in kept_apart)
        for path in (Path(os.path.normpath(directory)), Path(os.path.realpath(directory)))
    )


def _homes() -> list[Path]:
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 (Path.home() fails where there is none)
    return [home, Path(os.path.realpath(home))] if home.is_absolute() else []


def _is_system(place: str) -> bool:
    return any(Path(place).is_relative_to(f"/{top}") for top in sandbox.TOPS)


@cache
def _named_in(binary: str) -> tuple[str, ...]:
    """The directories of libraries that a binary names, read once a process."""
    try:
        named = Elf(read_foreign(Path(binary), LARGEST, "")).library_directories
    except (FileFormatError, ValueError):
        return ()
    return tuple(path for path in named if path.startswith(("/", "$")))


class _Places:
    """The places of one build, as paths that the build sees."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._binary = Path(resolve_inside(build.root, build.binary))

    def here(self, place: str | Path) -> str:
        """As this machine sees it; in a root a link on the way leads to a place inside."""
        root = self._build.root
        return f"{root}{resolve_inside(root, str(place))}" if root else str(place)

    def wanted(self) -> Iterator[str]:
        home = self._binary.parent
        yield str(self._binary)
        if not _is_system(str(home)):
            yield from self._matching(home, _LIBRARIES)
        yield from self._existing(home, _BESIDE)
        yield from self._bundled(home)
        if home.name in ("bin", "sbin", "libexec"):
            yield from self._existing(home.parent, _BESIDE_BIN)
        for place in self._build.firmware_dirs:
            yield from self._shown(Path(place), _FIRMWARE)
        for place in (self._build.module_dir, *self._library_directories()):
            yield from self._shown(Path(place), _LIBRARIES) if place else ()

    def _library_directories(self) -> Iterator[str]:
        if not _is_system(str(self._binary)):
            for path in _named_in(self.here(self._binary)):
                yield re.sub(r"\$(ORIGIN\b|\{ORIGIN\})", str(self._binary.parent), path)
        if self._build.kind == "native":
            yield from sandbox.library_path().split(":")

    def _whole(self, directory: Path) -> tuple[str, ...]:
        is_shown = Path(self.here(directory)).is_dir() and not is_too_wide(directory)
        return (str(directory),) if is_shown else ()

    def _shown(self, directory: Path, patterns: tuple[str, ...]) -> tuple[str, ...]:
        """The directory, or the files in it that match where it cannot be shown whole."""
        return self._whole(directory) or self._matching(directory, patterns)

    def _matching(self, directory: Path, patterns: tuple[str, ...]) -> tuple[str, ...]:
        real = Path(self.here(directory))
        found = (path for pattern in patterns for path in real.glob(pattern) if path.is_file())
        return tuple(str(directory / path.name) for path in found)

    def _existing(self, home: Path, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(place for name in names for place in self._whole(home / name))

    def _bundled(self, home: Path) -> Iterator[str]:
        """The firmware and modules that a build tree's `qemu-bundle` links to."""
        bundle = Path(self.here(home / "qemu-bundle"))
        for path in bundle.rglob("*") if self._build.kind == "native" else ():
            target = Path(os.path.realpath(path))
            if path.is_symlink() and target.is_dir():
                yield from self._whole(target)
            elif path.is_symlink() and path.parent.name in _OF_QEMU and target.is_file():
                yield str(target)
