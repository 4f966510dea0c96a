"""A guest in a file: QEMU's arguments as a shell would take them, or a portrait of the guest.

Nothing is expanded or run: quotes and backslashes are all that the shell's way of writing means
here. Lines whose first character is `#` are left out.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from qcompat.errors import GuestError, QcompatError
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.portrait.file import read_portrait
from qcompat.portrait.obtain import SUFFIX

MOST_BYTES = 1 << 20


def read_guests(path: Path, machines: tuple[str, ...] = ()) -> tuple[Guest, ...]:
    """The guest in the file, on each of `machines`, or as it is where none is named.

    Errors: GuestError, which names the file.
    """
    try:
        words = _words(path)
        changed = [[*words, "-machine", machine] for machine in machines] or [words]
        return tuple(parse(each) for each in changed)
    except QcompatError as error:
        if str(path) in error.message:
            raise
        raise GuestError(f"{path}: {error.message}", error.hint) from error


def _words(path: Path) -> list[str]:
    if path.suffix == SUFFIX:
        return list(read_portrait(path).guest.arguments)
    return split(_text(path))


def split(text: str) -> list[str]:
    """The words of the text. Errors: GuestError for quotes that do not end."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    try:
        words = shlex.split("\n".join(lines).replace("\\\n", " "))
    except ValueError as error:
        raise GuestError(f"the arguments cannot be split into words: {error}") from error
    if not words:
        raise GuestError("there are no arguments in it", "write QEMU's arguments into it")
    return words


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise GuestError(f"cannot read {path}: {error.strerror}") from error
    if len(content) > MOST_BYTES:
        raise GuestError(f"{path} is too large to hold QEMU's arguments")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise GuestError(
            f"{path} is no text: {error}", "give a text file or a .qcp file"
        ) from error
