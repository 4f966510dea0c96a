"""Which libraries the emulator in a root lacks: all at once, where its loader names the first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from qcompat.builds.build import Build
from qcompat.builds.learn.elf import LARGEST, Elf
from qcompat.builds.run.inside import resolve_inside
from qcompat.errors import FileFormatError
from qcompat.local.foreign_file import read_foreign

# Those of the loaders that distributions ship (ld.so(8); Debian's have a directory per machine).
_USUAL = ("lib64", "usr/lib64", "lib", "usr/lib", "lib/*-linux-gnu*", "usr/lib/*-linux-gnu*")
_CONFIGURED = ("etc/ld.so.conf", "etc/ld.so.conf.d/*.conf")
_MOST_LIBRARIES = 2000
_MOST_TEXT = 1 << 20


def missing_libraries(build: Build) -> tuple[str, ...]:
    """The loader and the libraries that a build in a root needs, and that its root lacks."""
    root = build.root
    binary = resolve_inside(root, build.binary)
    usual = [*_own(_read(root, binary), binary), *_directories(root)]
    waiting, found, missing = [binary], set[str](), set[str]()
    while waiting and len(found) < _MOST_LIBRARIES:
        path = waiting.pop()
        if (elf := _read(root, path)) is None:
            continue
        own = _own(elf, path)
        wanted = {*elf.needed, *([elf.interpreter] if elf.interpreter else [])}
        for name in sorted(wanted - found):
            found.add(name)
            places = [""] if name.startswith("/") else [*own, *usual]
            there = (_there(root, f"{place}/{name}".replace("//", "/")) for place in places)
            if held := next(filter(None, there), ""):
                waiting.append(held)
            else:
                missing.add(name)
    return tuple(sorted(missing))


def find_library(root: str, name: str) -> str:
    """Where a root has a loader or a library of that name, as seen inside; empty: nowhere."""
    places = [""] if name.startswith("/") else _directories(root)
    found = (f"{place}/{name}".replace("//", "/") for place in places)
    return next((path for path in found if _there(root, path)), "")


def _directories(root: str) -> Iterator[str]:
    for pattern in _CONFIGURED:
        for path in sorted(Path(root).glob(pattern)):
            real = Path(root + resolve_inside(root, f"/{path.relative_to(root)}"))
            yield from (line for line in _lines(real) if line.startswith("/"))
    for pattern in _USUAL:
        yield from (f"/{path.relative_to(root)}" for path in sorted(Path(root).glob(pattern)))


def _lines(path: Path) -> list[str]:
    try:
        return read_foreign(path, _MOST_TEXT).decode(errors="surrogateescape").split("\n")
    except FileFormatError:
        return []


def _there(root: str, path: str) -> str:
    real = resolve_inside(root, path)
    return real if Path(root + real).is_file() else ""


def _read(root: str, path: str) -> Elf | None:
    try:
        return Elf(read_foreign(Path(root + path), LARGEST))
    except (FileFormatError, ValueError):
        return None


def _own(elf: Elf | None, path: str) -> list[str]:
    """The directories that a file names; those that an emulator names (DT_RPATH) count for all."""
    home = str(Path(path).parent)
    named = elf.library_directories if elf else ()
    return [re.sub(r"\$(ORIGIN\b|\{ORIGIN\})", home, each) for each in named]
