"""The builds that were registered on this machine: one JSON file each under `HOME/builds`.

A root that was made for an entry, under `HOME/roots`, belongs to it and is deleted with it.
"""

from __future__ import annotations

import difflib
import re
import shutil
from pathlib import Path

import msgspec

from qcompat.builds.build import Build
from qcompat.errors import UNDECODABLE, FileFormatError, StoreError, UnknownBuildError, UsageError
from qcompat.local.foreign_file import read_foreign
from qcompat.local.whole_file import write_whole

FORMAT = 2
_LARGEST_ENTRY = 1 << 20
# `builds add` of format 1 stored the current directory where no --module-dir was given.
_MAY_HOLD_CURRENT_DIRECTORY = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+~-]{0,99}")


class _Entry(msgspec.Struct, frozen=True):
    format: int
    build: Build


class Registry:
    """The registered builds below a data home. Every method may raise StoreError."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.roots = home / "roots"
        self._entries = home / "builds"

    def names(self) -> tuple[str, ...]:
        """The names, numbers in them in numeric order."""
        try:
            found = [path.stem for path in self._entries.iterdir() if path.suffix == ".json"]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise StoreError(f"cannot read {self._entries}: {error.strerror}") from error
        return tuple(sorted((name for name in found if _NAME.fullmatch(name)), key=_natural))

    def list(self) -> tuple[Build, ...]:
        """All builds in the order of `names`."""
        return tuple(self.get(name) for name in self.names())

    def get(self, name: str) -> Build:
        """The build of that name. Errors: UnknownBuildError."""
        path = self._path(name)
        try:
            content = read_foreign(path, _LARGEST_ENTRY)
        except FileFormatError as error:
            if not path.exists():
                raise self._unknown(name) from None
            raise StoreError(error.message, f"remove {path}") from error
        return _decode(path, content)

    def add(self, build: Build, *, replace: bool = False) -> None:
        """Register a build. Errors: UsageError for a bad name, or a taken one without `replace`."""
        path = self._path(check_name(build.name))
        if not replace:
            self.check_free(build.name)
        write_whole(path, msgspec.json.format(msgspec.json.encode(_Entry(FORMAT, build))) + b"\n")

    def check_free(self, name: str) -> None:
        """Errors: UsageError when a build has that name already."""
        if self._path(name).exists():
            raise UsageError(
                f"a build named {name!r} is registered already",
                f"choose another name, or first: qcompat builds remove {name}",
            )

    def remove(self, name: str) -> None:
        """Forget a build; a root that was made for it is deleted. Errors: UnknownBuildError.

        A damaged entry is removed too: its root, no longer known, goes with the next fetch.
        """
        try:
            root = self.root_of(self.get(name))
        except StoreError:
            root = None
        try:
            self._path(name).unlink()
            if root:
                shutil.rmtree(root)
        except FileNotFoundError:
            pass  # someone else removed it at the same time
        except OSError as error:
            raise StoreError(f"cannot remove {error.filename}: {error.strerror}") from error

    def root_of(self, build: Build) -> Path | None:
        """The root that belongs to an entry, whether it runs in it or only lies there."""
        for place in (build.root, build.binary):
            if place and Path(place).is_relative_to(self.roots):
                return self.roots / Path(place).relative_to(self.roots).parts[0]
        return None

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise self._unknown(name)
        return self._entries / f"{name}.json"

    def _unknown(self, name: str) -> UnknownBuildError:
        known = self.names()
        close = difflib.get_close_matches(name, known, 3, 0.5)
        if close:
            hint = f"did you mean {' or '.join(close)}?"
        elif known:
            hint = f"registered here: {', '.join(known)}"
        else:
            hint = "none is registered: qcompat builds fetch debian/bookworm, or builds add"
        return UnknownBuildError(f"no build named {name!r} is registered", hint)


def check_name(name: str) -> str:
    """The name, if a build can bear it. Errors: UsageError.

    A name that ends in `.qcp` could not be told from a portrait file.
    """
    if not _NAME.fullmatch(name) or name.endswith(".qcp"):
        raise UsageError(
            f"{name!r} cannot name a build",
            "use up to 100 letters, digits and . _ + ~ -, beginning with a letter or digit, "
            "and not ending in .qcp",
        )
    return name


def _decode(path: Path, content: bytes) -> Build:
    try:
        entry = msgspec.json.decode(content, type=_Entry)
        if entry.format not in (_MAY_HOLD_CURRENT_DIRECTORY, FORMAT):
            raise ValueError(f"it is of format {entry.format}, this qcompat writes {FORMAT}")
        if entry.build.name != path.stem:
            raise ValueError(f"it describes {entry.build.name!r}")
        return entry.build if entry.format == FORMAT else _repaired(entry.build)
    except UNDECODABLE as error:
        raise StoreError(
            f"the registry entry {path} is damaged: {error}",
            f"drop it with: qcompat builds remove {path.stem}, then fetch or add the build again",
        ) from error


def _repaired(build: Build) -> Build:
    """Without a module directory that nobody named; one that holds QEMU's modules is kept."""
    from qcompat.builds.find.modules import holds_modules  # subprocess: not for every command
    from qcompat.builds.run.places import is_too_wide

    directory = Path(build.module_dir)
    is_kept = build.kind == "root" or (not is_too_wide(directory) and holds_modules(directory))
    return build if is_kept else msgspec.structs.replace(build, module_dir="")


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    parts = re.findall(r"\d+|\D+", name)
    return tuple((1, int(p), "") if p.isdigit() else (0, 0, p) for p in parts)
