"""The facts of a tree with patches applied in memory: only the touched files are read."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from qcompat.errors import FileFormatError
from qcompat.local.foreign_file import read_foreign
from qcompat.source.facts import FileFacts
from qcompat.source.obtain.walk import is_read
from qcompat.source.patch import FilePatch, apply, parse
from qcompat.source.read import read_file
from qcompat.source.tree.files import Files, version_of

_LARGEST = 64 << 20


def read_patched(base: Files, top: Path, patch: Path) -> Files:
    """What the tree at `top`, whose facts are `base`, is with a patch, mail series or `series`.

    Errors: FileFormatError where a patch is none or does not apply.
    """
    changed = apply(_patches(patch), lambda path: _text(top, path), str(patch))
    files: dict[str, FileFacts] = dict(base.files)
    version = base.version
    for path, text in changed.items():
        if text is None:
            files.pop(path, None)
        elif path == "VERSION":
            version = version_of(text.encode("latin-1", "replace"))
        elif is_read(path):
            files[path] = read_file(text.encode("latin-1", "replace"))
    return msgspec.structs.replace(base, files=files, version=version, origin=f"{top} + {patch}")


def _patches(patch: Path) -> tuple[FilePatch, ...]:
    """Those of a file; of a quilt `series`, all that it names, in their order."""
    if patch.name != "series":
        return parse(_content(patch), str(patch))
    words = (line.split("#")[0].split() for line in _content(patch).splitlines())
    names = [one[0] for one in words if one]
    if not names:
        raise FileFormatError(f"{patch} names no patch")
    return tuple(each for name in names for each in parse(_content(patch.parent / name), name))


def _content(path: Path) -> str:
    return read_foreign(path, _LARGEST, "name a patch, or a quilt series").decode("latin-1")


def _text(top: Path, path: str) -> str | None:
    """A file of the tree, as one character a byte; nothing outside of the tree is read."""
    place = Path(os.path.realpath(top / path))
    if not place.is_relative_to(os.path.realpath(top)) or not place.is_file():
        return None
    return read_foreign(place, _LARGEST).decode("latin-1")
