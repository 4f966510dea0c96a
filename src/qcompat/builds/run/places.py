"""What a native build sees of this machine besides the system's own directories.

A directory is shown whole, unless that would put something over the sandbox's private mounts or
show more than the build: of `/`, `/tmp`, `/dev`, `/proc`, the user's home and whatever holds one
of them, only the files that QEMU reads are shown, one by one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from qcompat.builds.build import Build
from qcompat.builds.run import sandbox

# Beside `PREFIX/bin/qemu-system-ARCH`; QEMU looks for its data relative to its binary
# (get_relocated_path, system/datadir.c of 10.0).
_BESIDE = ("share/qemu", "share/seabios", "share/qemu-firmware", "lib", "lib64", "libexec")
# Beside a binary in its build tree (os_find_datadir, softmmu/datadir.c of 5.2, and 7.0 on).
_BUILD_TREE = ("pc-bios", "qemu-bundle")
_FIRMWARE = ("*.bin", "*.rom", "*.fd", "*.img", "*.dtb", "*.elf")
_LIBRARIES = ("*.so", "*.so.*")
_SYSTEM = tuple(
    Path(top) for top in ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/nix/store", "/gnu/store")
)
# What `sandbox.PRIVATE` mounts; bubblewrap's /dev has three mounts and a link of its own.
_PRIVATE = tuple(
    Path(place)
    for place in ("/dev/shm", "/dev/pts", "/dev/mqueue", "/dev/fd", "/proc", "/tmp")  # noqa: S108
)


def native_places(build: Build) -> tuple[Path, ...]:
    """The directories and files outside the system's own that a native build must see."""
    wanted = {Path(os.path.normpath(place)) for place in _wanted(build)}
    return tuple(sorted(path for path in wanted if path.exists() and not _is_system(path)))


def is_too_wide(directory: Path) -> bool:
    """Whether showing this directory whole would show more than any build of QEMU needs."""
    private = (*_PRIVATE, *_homes())
    return any(
        path.is_relative_to("/proc")
        or path.is_relative_to("/sys")
        or any(place.is_relative_to(path) for place in private)
        for path in (Path(os.path.normpath(directory)), directory.resolve())
    )


def _homes() -> tuple[Path, ...]:
    """The user's own, and where the others' lie."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 (Path.home() fails where there is none)
    return (Path("/home"), *((home, home.resolve()) if home.is_absolute() else ()))


def _wanted(build: Build) -> Iterator[Path]:
    binary = Path(build.binary)
    for home in {binary.parent, binary.resolve().parent}:
        yield from _whole(home) or (binary, *_existing(home, _BUILD_TREE))
    yield from _bundled(binary.parent)
    if binary.parent.name == "bin":
        yield from _existing(binary.parent.parent, _BESIDE)
    for place in build.firmware_dirs:
        yield from _shown(Path(place), _FIRMWARE)
    for place in (build.module_dir, *sandbox.library_path().split(":")):
        yield from _shown(Path(place), _LIBRARIES) if place else ()


def _whole(directory: Path) -> tuple[Path, ...]:
    return (directory,) if directory.is_dir() and not is_too_wide(directory) else ()


def _shown(directory: Path, patterns: tuple[str, ...]) -> tuple[Path, ...]:
    """The directory, or the files in it that match where it cannot be shown whole."""
    if whole := _whole(directory):
        return whole
    found = (path for pattern in patterns for path in directory.glob(pattern))
    return tuple(path for path in found if path.is_file())


def _existing(home: Path, names: tuple[str, ...]) -> tuple[Path, ...]:
    return tuple(place for name in names for place in _whole(home / name))


def _bundled(home: Path) -> Iterator[Path]:
    """What a build tree's `qemu-bundle` links to, such as the source's pc-bios."""
    for path in (home / "qemu-bundle").rglob("*"):
        if path.is_symlink():
            target = path.resolve()
            file = (target,) if target.is_file() else ()
            yield from _whole(target if target.is_dir() else target.parent) or file


def _is_system(path: Path) -> bool:
    return any(path.is_relative_to(top) for top in _SYSTEM)
