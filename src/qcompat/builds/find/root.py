"""Which root a binary belongs to: that of an unpacked distribution or container image, or none.

A program names its loader (`/lib64/ld-linux-x86-64.so.2`). Where a directory above the binary has
that file too, it is a root of its own, and the binary would not find its libraries outside.
"""

from __future__ import annotations

import os
from pathlib import Path

from qcompat.builds.learn.elf import LARGEST, Elf
from qcompat.builds.run.inside import resolve_inside
from qcompat.errors import BuildError, FileFormatError
from qcompat.local.foreign_file import read_foreign


def split_root(path: str, root: str = "") -> tuple[str, str]:
    """The root and the path inside it; a root of "" is this machine's own.

    A `root` that is given is that root; `path` may be inside it or of this machine then.
    Errors: BuildError where the root has no such file.
    """
    whole = os.path.abspath(path)  # noqa: PTH100 - links are followed inside the root
    if not root:
        found = next((above for above in _above(whole) if _is_root_of(above, whole)), "")
        return found, whole.removeprefix(found)
    root = os.path.realpath(root)
    inside = whole.removeprefix(root) if whole.startswith(f"{root}/") else path
    real = resolve_inside(root, inside)
    if not Path(f"{root}{real}").is_file():
        raise BuildError(
            f"the root {root} has no file {inside}", "give the path of a binary inside the root"
        )
    return root, real


def _above(path: str) -> list[str]:
    """Directories that may be a root; /usr holds a loader too on a usr-merged system."""
    return [str(each) for each in Path(path).parents if each.name not in ("", "usr")]


def _is_root_of(root: str, path: str) -> bool:
    binary = Path(f"{root}{resolve_inside(root, path.removeprefix(root))}")
    try:
        loader = Elf(read_foreign(binary, LARGEST, "")).interpreter
    except (FileFormatError, ValueError):
        return False
    return bool(loader) and Path(f"{root}{resolve_inside(root, loader)}").is_file()
