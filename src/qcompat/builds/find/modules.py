"""Whether a directory holds QEMU's loadable modules, and where a build's lie beside it."""

from __future__ import annotations

import re
from pathlib import Path

from qcompat.builds.build import Build
from qcompat.builds.run.inside import resolve_inside

# The groups of modules that QEMU installs as GROUP-NAME.so (modules in meson.build of 10.0).
_MODULE = re.compile(r"(accel|audio|block|chardev|hw|ui)-.+\.so")


def holds_modules(directory: Path) -> bool:
    """Whether QEMU's modules lie in a directory."""
    try:
        return any(_MODULE.fullmatch(path.name) for path in directory.iterdir())
    except OSError:
        return False


def find_modules(build: Build) -> str:
    """The directory of modules that was put beside the binary; empty: QEMU's own place.

    Below its prefix (`PREFIX/lib/qemu` for `PREFIX/bin`) and in its build tree QEMU finds them.
    """
    home = Path(resolve_inside(build.root, build.binary)).parent
    beside = home / "lib" / "qemu"
    return str(beside) if holds_modules(Path(f"{build.root}{beside}")) else ""
