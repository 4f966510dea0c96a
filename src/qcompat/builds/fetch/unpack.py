"""Unpacking what was downloaded into a root of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from qcompat.builds.unpack.packages import unpack_packages
from qcompat.builds.unpack.tree import LEFT_OUT as LEFT_OUT
from qcompat.errors import FetchError, FileFormatError


def unpack(
    packages: Sequence[Path],
    root: Path,
    report: Callable[[float], None],
    *,
    left_out: Sequence[str] = LEFT_OUT,
) -> None:
    """Unpack into the empty directory `root`; `report` gets the share that is done, from 0 to 1.

    Errors: FetchError; then throw the root away.
    """
    try:
        unpack_packages(packages, root, report, left_out=left_out)
    except FileFormatError as error:
        raise FetchError(f"cannot unpack the packages: {error.message}", "fetch again") from error
    except OSError as error:
        hint = "free some space, or set QCOMPAT_HOME to another disk"
        raise FetchError(f"cannot unpack into {root}: {error.strerror}", hint) from error
