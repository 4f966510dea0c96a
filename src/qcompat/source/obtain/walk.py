"""The files of a source tree that are read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from qcompat.errors import FileFormatError

SUFFIXES = (".c", ".h", ".inc")
_SKIPPED = frozenset(
    ("tests", "roms", "subprojects", "docs", "pc-bios", "debian", "linux-headers", ".git", ".pc",
     "linux-user", "bsd-user", "disas", "tcg", "fpu", "contrib", "scripts", "tools", "plugins",
     "capstone", "dtc", "slirp", "meson", "ui/keycodemapdb", "build", "python", "po", "qga",
     "storage-daemon", "fsdev", "libdecnumber", "rust", "standard-headers", "gdb-xml")
)  # fmt: skip
_TABLES = re.compile(r"target/xtensa/core-|target/hexagon/imported|-opc\.h$|/insns?\.")


def is_read(path: str) -> bool:
    """Whether a file, by its path from the top of the tree, may hold facts."""
    parts = PurePosixPath(path).parts
    return (
        path.endswith(SUFFIXES)
        and not (parts and parts[0] in _SKIPPED)
        and not {"standard-headers", "tests"} & set(parts)
        and not _TABLES.search(path)
    )


def walk(top: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Path from the top and status of each file, in a fixed order.

    Links are not followed, so that no tree leads out of itself.
    """
    waiting = [""]
    while waiting:
        under = waiting.pop()
        with os.scandir(top / under) as found:
            for entry in sorted(found, key=lambda each: each.name):
                path = f"{under}/{entry.name}" if under else entry.name
                if entry.is_dir(follow_symlinks=False):
                    if under or entry.name not in _SKIPPED:
                        waiting.append(path)
                elif entry.is_file(follow_symlinks=False) and is_read(path):
                    yield path, entry.stat(follow_symlinks=False)


def check_tree(top: Path) -> None:
    """Errors: FileFormatError where the directory holds no source of QEMU."""
    if not top.is_dir():
        raise FileFormatError(f"{top} is no directory", "name the top of a QEMU source tree")
    if not (top / "hw").is_dir() and not (top / "VERSION").is_file():
        raise FileFormatError(
            f"{top} holds no source of QEMU: neither VERSION nor hw/",
            "name the top of a QEMU source tree",
        )
