"""Following links as a program inside a root does."""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path, PurePosixPath

_MOST_LINKS = 40
"""As many as the kernel follows (MAXSYMLINKS)."""


def resolve_inside(root: str, path: str) -> str:
    """What a path inside `root` leads to, as a path inside; a root of "" is this machine.

    A part that does not exist stays as it is.
    """
    rest, found, links = deque(PurePosixPath(path).parts), PurePosixPath("/"), 0
    while rest:
        part = rest.popleft()
        if part == "/":
            found = PurePosixPath("/")
        elif part == "..":
            found = found.parent
        elif links < _MOST_LINKS and Path(f"{root}{found / part}").is_symlink():
            links += 1
            target = PurePosixPath(os.readlink(f"{root}{found / part}"))  # noqa: PTH115 - of a root
            rest.extendleft(reversed(target.parts))
        else:
            found /= part
    return str(found)
