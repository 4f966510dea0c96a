"""A guest from the words of its user: the one door for a command line that qcompat did not write.

Configuration files (`-readconfig`) are read here, since they are a part of the guest that is
asked about; `configuration` knows their syntax. Nothing else that the words name is opened:
`arguments` replaces it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePath

import msgspec

from qcompat.errors import GuestError
from qcompat.guest import command_line
from qcompat.guest.arguments import guest_from
from qcompat.guest.base_type import differences, on_base_type, words_on_base_type
from qcompat.guest.configuration import arguments_of
from qcompat.guest.given.form import Given
from qcompat.guest.given.proxmox.facts import board
from qcompat.guest.guest import Guest, Uncovered
from qcompat.guest.option import Option

MOST_BYTES = 1 << 20
DEFAULTS = Path("/etc/qemu/qemu.conf")
_MOST_FILES = 32
_OF_PROCESS = ("/dev/fd", "/dev/stdin", "/proc/self", "/proc/thread-self")
_PROXMOX = "/usr/share/qemu-server"
_INSTEAD = "save it where it can be read and name that file, or give its contents as arguments"


def guest_of(words: Sequence[str], *, base_type: bool = False) -> Guest:
    """The guest that a user's command line describes, as `arguments.parse`.

    A configuration file takes effect where the line names it, as in QEMU. With `base_type` a
    machine type of Proxmox VE is taken as the one that it is based on, and the guest says so.

    Errors: GuestError with all problems of the line, or of the first file that cannot be read.
    """
    options = tuple(_expanded(command_line.read(words)))
    noted = [*_defaults(options)]
    if base_type:
        noted += differences(options)
        options = on_base_type(options)
    guest = guest_from(options, words)
    own = tuple(word for each in options for word in each.written.split(" ", 1))
    own = words_on_base_type(own) if base_type else own
    return msgspec.structs.replace(guest, uncovered=(*noted, *guest.uncovered), own=own)


def guest_given(given: Given, *, base_type: bool = False) -> Guest:
    """The guest that a form holds, as `guest_of`, with what its form leaves open.

    Errors: GuestError, which names the file.
    """
    try:
        guest = guest_of(given.words, base_type=base_type)
    except GuestError as error:
        raise GuestError(f"{given.where}: {error.message}", error.hint) from error
    return msgspec.structs.replace(guest, uncovered=(*given.uncovered, *guest.uncovered))


def _defaults(options: Iterable[Option]) -> Iterator[Uncovered]:
    """QEMU's own file, which it reads of itself (system/vl.c, qemu_read_default_config_file)."""
    if DEFAULTS.exists() and not any(option.name == "no-user-config" for option in options):
        yield Uncovered(
            str(DEFAULTS),
            "a QEMU of this machine adds its options, since the line lacks -no-user-config; "
            f"add -readconfig {DEFAULTS} in front to have them counted, or -no-user-config",
        )


def _expanded(options: Iterable[Option]) -> Iterator[Option]:
    files = 0
    for option in options:
        if option.name != "readconfig":
            yield option
            continue
        files += 1
        if files > _MOST_FILES:
            raise GuestError(
                f"-readconfig is given more than {_MOST_FILES} times", "put the files together"
            )
        yield from command_line.read(_words_in(option.text))


def _words_in(name: str) -> tuple[str, ...]:
    """What a configuration file stands for; Proxmox's own layouts are known where it has none."""
    path = PurePath(name)
    shipped = board(path.name) if path.is_relative_to(_PROXMOX) else ()
    if shipped and not Path(name).exists():
        return shipped
    return arguments_of(_text(name), name)


def _text(name: str) -> str:
    data = _content(name)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise _unreadable(name, f"it is not text in UTF-8: {error.reason}") from error
    if "\0" in text:
        raise _unreadable(name, "it is not text: it holds zero bytes")
    return text


def _content(name: str) -> bytes:
    """What the file holds; only a regular file is opened, so that nothing is set off by that."""
    if any(PurePath(name).is_relative_to(place) for place in _OF_PROCESS):
        raise _unreadable(name, "it belongs to the process that started QEMU")
    try:
        _refuse_irregular(name, Path(name).stat())
        with os.fdopen(os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY), "rb") as file:
            _refuse_irregular(name, os.fstat(file.fileno()))
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise _unreadable(name, reason or str(error)) from error
    if len(data) > MOST_BYTES:
        raise _unreadable(name, f"it has more than {MOST_BYTES >> 20} MiB")
    return data


def _refuse_irregular(name: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _unreadable(name, "it is not a regular file")


def _unreadable(name: str, reason: str) -> GuestError:
    return GuestError(f"cannot read the configuration file {name}: {reason}", _hint(name))


def _hint(name: str) -> str:
    if PurePath(name).is_relative_to(_PROXMOX):
        return (
            "it is part of Proxmox VE (package qemu-server): copy it from such a host, to the same "
            "place or to one that you name instead"
        )
    return _INSTEAD
