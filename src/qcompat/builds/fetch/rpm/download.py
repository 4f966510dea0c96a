"""Files from a site, up to a size, and as their digest says."""

from __future__ import annotations

import hashlib
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from qcompat.errors import FetchError

_PIECE = 1 << 20
_PATIENCE = 30
_SITE = re.compile(r"https?://[^\s]+")


def fetch_file(
    url: str, target: BinaryIO, most: int, report: Callable[[int], None] = lambda _: None
) -> None:
    """Write what is at `url` into a file; `report` gets the bytes so far.

    Errors: FetchError where it cannot be had, or is larger than `most`.
    """
    if _SITE.fullmatch(url) is None:
        raise FetchError(f"{url[:200]!r} is no address of a site", "name one: --mirror http://…")
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310 - as checked
            while piece := answer.read(_PIECE):
                target.write(piece)
                report(target.tell())
                if target.tell() > most:
                    raise FetchError(f"{url} is larger than {most} bytes")
    except (OSError, ValueError) as error:  # URLError is an OSError
        reason = getattr(error, "reason", error)
        raise FetchError(
            f"cannot download {url}: {reason}",
            "check the address and the network; it is that of the directory with repodata",
        ) from error


def check_digest(path: Path, algorithm: str, digest: str) -> None:
    """Errors: FetchError where a file is another one, or the algorithm is no good one."""
    if algorithm not in ("sha256", "sha384", "sha512"):
        raise FetchError(
            f"{path.name} has only a digest by {algorithm[:20]!r}, which is not trusted"
        )
    with path.open("rb") as file:
        found = hashlib.file_digest(file, algorithm).hexdigest()
    if found != digest:
        raise FetchError(
            f"{path.name} is not the file that the repository's metadata names",
            "the mirror may be in the middle of an update: try again later, or name another",
        )
