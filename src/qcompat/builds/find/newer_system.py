"""A C library for a program that wants a newer one than this machine's: that of a build in a root.

A wheel brings its libraries along, but never the C library and its loader. Where this machine's are
too old for it, those of a registered build are put into the root of the wheel, with whatever else
it would have found on a newer system. A guest sees nothing of them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.find.libraries import find_library, missing_libraries
from qcompat.builds.identify import identify
from qcompat.errors import BuildError

_MOST_ROUNDS = 20


def with_newer_system(build: Build, root: Path, donors: Iterable[Build]) -> Build | None:
    """The native `build`, whose binary lies below `root`, as one that runs in that root.

    The first of `donors` that helps gives its libraries; None where none does.
    """
    inside = f"/{Path(build.binary).relative_to(root)}"
    moved = msgspec.structs.replace(build, kind="root", root=str(root), binary=inside)
    for donor in donors:
        copied = _copy_missing(moved, donor)
        try:
            identify(moved)
        except BuildError:
            for path in copied:
                path.unlink()
        else:
            return moved
    return None


def _copy_missing(build: Build, donor: Build) -> list[Path]:
    """The files that were put into the build's root, each where the donor's root has it."""
    copied: list[Path] = []
    for _ in range(_MOST_ROUNDS):
        before = len(copied)
        for name in missing_libraries(build):
            found = find_library(donor.root, name)
            target = Path(f"{build.root}{name if name.startswith('/') else found}")
            if found and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(f"{donor.root}{found}", target)
                copied.append(target)
        if len(copied) == before:
            break
    return copied
