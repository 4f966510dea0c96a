"""The emulator in a root, where the user did not say which one it is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path, PurePosixPath

import msgspec

from qcompat.builds.learn.elf import MAGIC
from qcompat.builds.run.inside import resolve_inside
from qcompat.dataset import read_table
from qcompat.errors import BuildError, FileFormatError, UsageError
from qcompat.local.foreign_file import open_foreign

_MOST = 10_000
_SHOWN = 6


class _Places(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of `binary.toml`."""

    directories: tuple[str, ...]
    usual: tuple[str, ...]
    others: tuple[str, ...]


@cache
def _table() -> _Places:
    return read_table("qcompat.builds.find", "binary.toml", _Places)


def find_binary(root: str) -> str:
    """The path inside of the one emulator that a root has; of the usual architecture, if any.

    Errors: BuildError where it has none, UsageError where the user has to say which.
    """
    for pattern in (*_table().usual, *_table().others):
        found = dict.fromkeys(_named(root, pattern))
        if len(found) == 1:
            return next(iter(found))
        if found:
            told = ", ".join(islice(found, _SHOWN))
            raise UsageError(
                f"{root} has {len(found)} emulators: {told}{', …' if len(found) > _SHOWN else ''}",
                f"say which: --binary {next(iter(found))}",
            )
    raise BuildError(
        f"no QEMU was found in {root}",
        "name it, if it has an unusual name or place: --binary PATH; Debian has it in the package "
        "qemu-system-x86, Fedora in qemu-system-x86-core, RHEL in qemu-kvm-core",
    )


def _named(root: str, pattern: str) -> Iterator[str]:
    """Programs of that name, each where its links lead to, as seen inside."""
    for directory in _table().directories:
        for path in islice(Path(root).glob(f"{directory}/{pattern}"), _MOST):
            inside = resolve_inside(root, str(PurePosixPath("/") / path.relative_to(root)))
            if _is_program(Path(f"{root}{inside}")):
                yield inside


def _is_program(path: Path) -> bool:
    """Whether it is a binary: a script, such as Debian's `kvm`, only leads to one."""
    if not path.is_file():
        return False
    try:
        with open_foreign(path) as file:
            return file.read(len(MAGIC)) == MAGIC
    except FileFormatError:
        return False
