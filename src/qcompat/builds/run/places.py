"""Where a native build has its parts, beside the machine's system directories.

A sandbox shows a build only what it needs: its binary, what was installed beside it, the
directories that its registration names, and where the user finds its libraries.
"""

from __future__ import annotations

from pathlib import Path

from qcompat.builds.build import Build
from qcompat.builds.run import sandbox

# Beside `PREFIX/bin/qemu-system-x86_64`; QEMU looks for its data relative to its binary
# (get_relocated_path, system/datadir.c of 10.0).
_BESIDE = ("share/qemu", "share/seabios", "share/qemu-firmware", "lib", "lib64", "libexec")
_SYSTEM = tuple(
    Path(top) for top in ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/nix/store", "/gnu/store")
)


def native_places(build: Build) -> tuple[Path, ...]:
    """The directories, outside the system's own, that a native build must see."""
    binary = Path(build.binary)
    home = binary.parent
    wanted = [home, *_bundled(home)]
    if home.name == "bin":
        wanted += [home.parent / name for name in _BESIDE]
    wanted += [binary.resolve().parent]
    wanted += [Path(path) for path in (*build.firmware_dirs, build.module_dir) if path]
    wanted += [Path(path) for path in sandbox.library_path().split(":") if path]
    outside = {path for path in wanted if path.is_dir() and not _is_system(path)}
    return tuple(sorted(outside))


def _bundled(home: Path) -> list[Path]:
    """The directories that a build tree's `qemu-bundle` links to, such as the source's pc-bios."""
    bundle = home / "qemu-bundle"
    links = (path for path in bundle.rglob("*") if path.is_symlink())
    targets = (link.resolve() for link in links)
    return [target if target.is_dir() else target.parent for target in targets]


def _is_system(path: Path) -> bool:
    return any(path.is_relative_to(top) for top in _SYSTEM)
