"""Which root a binary belongs to: that of an unpacked distribution or container image, or none.

A program names its loader (`/lib64/ld-linux-x86-64.so.2`). Where a directory above the binary has
that file too, it is a root of its own, and the binary would not find its libraries outside.
"""

from __future__ import annotations

import os
from pathlib import Path

from qcompat.builds.learn.elf import LARGEST, Elf
from qcompat.builds.run.inside import resolve_inside
from qcompat.errors import BuildError, FileFormatError, UsageError
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
    root = given_root(root)
    inside = whole.removeprefix(root) if whole.startswith(f"{root}/") else path
    real = resolve_inside(root, inside)
    if not Path(f"{root}{real}").is_file():
        raise BuildError(
            f"the root {root} has no file {inside}", "give the path of a binary inside the root"
        )
    return root, real


def given_root(path: str) -> str:
    """The root that a user names by its path; "" for this machine's own.

    The kernel's link to the root of a process in a container (`/proc/PID/root`) reads as `/`, and
    nothing below it can be shown in a sandbox. Errors: UsageError for such a link.
    """
    real = os.path.realpath(path)
    if not Path(real).samefile(path):
        raise UsageError(
            f"{path} is the root of a process in a container, which a sandbox cannot show",
            "give the directory that the container's root is made of, or save its image and give "
            "that with --image: docker save IMAGE -o FILE",
        )
    return "" if real == "/" else real


def is_run_here(root: str, binary: str) -> bool:
    """Whether a program in a directory that was given as a root is loaded by this machine's loader.

    It is where the directory is no root file system, and this machine has the loader that it names.
    """
    if Path(root, "usr").is_dir():
        return False
    try:
        loader = Elf(read_foreign(Path(f"{root}{binary}"), LARGEST)).interpreter
    except (FileFormatError, ValueError):
        return False
    is_there = Path(f"{root}{resolve_inside(root, loader)}").is_file()
    return bool(loader) and not is_there and Path(loader).is_file()


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
