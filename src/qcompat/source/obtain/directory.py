"""The facts of a directory."""

from __future__ import annotations

from pathlib import Path

from qcompat.local.foreign_file import read_foreign
from qcompat.source.facts import FileFacts
from qcompat.source.obtain.kept import Kept, digest_of, read_kept, write_kept
from qcompat.source.obtain.pool import read_all
from qcompat.source.obtain.walk import check_tree, walk
from qcompat.source.tree.files import Files, version_of

_LARGEST = 64 << 20


def read_directory(top: Path) -> Files:
    """The facts of all files of the tree at `top`; only what changed since is read.

    Errors: FileFormatError where it is no source of QEMU, StoreError.
    """
    check_tree(top)
    kept = read_kept(top)
    seen: dict[str, tuple[int, int, str]] = {}
    contents: dict[str, bytes] = {}
    for path, status in walk(top):
        stamp = (status.st_size, status.st_mtime_ns)
        old = kept.seen.get(path)
        if old is None or old[:2] != stamp:
            content = read_foreign(top / path, _LARGEST)
            digest = digest_of(content)
            if digest not in kept.facts:
                contents[digest] = content
            old = (*stamp, digest)
        seen[path] = old
    facts = kept.facts | read_all(contents)
    used = {digest: facts[digest] for _, _, digest in seen.values()}
    if contents or seen != kept.seen:
        write_kept(top, Kept(seen, used))
    return Files(_found(seen, used), _version(top), str(top))


def _found(
    seen: dict[str, tuple[int, int, str]], facts: dict[str, FileFacts]
) -> dict[str, FileFacts]:
    return {path: facts[digest] for path, (_, _, digest) in seen.items()}


def _version(top: Path) -> str:
    place = top / "VERSION"
    return version_of(read_foreign(place, _LARGEST)) if place.is_file() else ""
