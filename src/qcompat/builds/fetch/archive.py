"""The archives of Debian's kind that are known by name (`archives.toml`), and any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec

from qcompat.arch.architecture import Architecture
from qcompat.dataset import read_table
from qcompat.errors import FetchError, UsageError


class Archive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An archive; the fields are explained in `archives.toml`, where it has no name yet."""

    name: str = ""
    origin: str = ""
    components: tuple[str, ...] = ("main",)
    keyrings: tuple[str, ...] = ()
    keyring_package: str = ""
    beside: tuple[str, ...] = msgspec.field(default=(), name="with")
    rolling: tuple[str, ...] = ()
    over: str = ""
    emulators: Mapping[str, str] = {}
    firmware: tuple[str, ...] | None = None
    suites: tuple[str, ...] = ()

    def packages_of(self, architecture: Architecture) -> tuple[str, ...]:
        """The package of an emulator, then those of its firmware."""
        emulator = self.emulators.get(architecture.name, architecture.package)
        firmware = architecture.firmware_packages if self.firmware is None else self.firmware
        return (emulator, *firmware)


class _Archives(msgspec.Struct, frozen=True):
    archive: Mapping[str, Archive]


@cache
def known_archives() -> Mapping[str, Archive]:
    """Those that are known, by name."""
    found = read_table("qcompat.builds.fetch", "archives.toml", _Archives).archive
    return {name: msgspec.structs.replace(each, name=name) for name, each in found.items()}


def archive_called(name: str, components: Sequence[str] = ()) -> Archive:
    """The archive of that name, an unknown one having the usual properties.

    `components` are taken instead of its own.
    """
    found = known_archives().get(name, Archive(name))
    return msgspec.structs.replace(found, components=tuple(components)) if components else found


def find_keyring(archive: Archive, named: str = "") -> str:
    """The files with an archive's keys, in the form of `signed-by`: what the user named, else its.

    Errors: UsageError for a named file that is none, FetchError where there is none.
    """
    if named:
        if not Path(named).is_file():
            raise UsageError(f"the keyring {named} does not exist", "check its spelling")
        return str(Path(named).absolute())
    for pattern in archive.keyrings:
        directory, _, files = pattern.rpartition("/")
        found = sorted(str(path) for path in Path(directory).glob(files))
        if kept := [path for path in found if "removed" not in path]:
            return ",".join(kept)
    package = archive.keyring_package
    raise FetchError(
        f"the keys that {archive.origin or archive.name} signs its packages with are not on this "
        "machine",
        f"install the package {package}, or name a file with them: --keyring FILE"
        if package
        else f"name a file with them: --keyring FILE; known by name are {_known()}",
    )


def _known() -> str:
    return " and ".join(known_archives())
