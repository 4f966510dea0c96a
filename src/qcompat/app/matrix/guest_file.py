"""The guests of a file, for the matrix: in any form that `guest.given` reads, or a portrait."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from qcompat.errors import GuestError, QcompatError
from qcompat.guest.arguments import changed
from qcompat.guest.given.form import Given
from qcompat.guest.given.line import guest_given
from qcompat.guest.given.recognise import read_guests
from qcompat.guest.guest import Guest
from qcompat.portrait.file import read_portrait
from qcompat.portrait.portraits import SUFFIX
from qcompat.trial.matrix.question.matrix_entry import MatrixEntry


def named_guests(
    path: Path, name: str, machines: Sequence[str] = (), *, base_type: bool = False
) -> tuple[MatrixEntry, ...]:
    """The guests of a file on each of `machines`, or as they are where none is named.

    They are called `name`; several get a number behind it. `base_type` is as in `given.line`.
    Errors: GuestError, FileFormatError, which name the file.
    """
    if path.suffix == SUFFIX:
        guest = read_portrait(path).guest
        return _on_machines(
            Given(guest.arguments, str(path)), name, machines, guest, base_type=base_type
        )
    given = read_guests(path)
    names = [name] if len(given) == 1 else [f"{name}:{n}" for n in range(1, len(given) + 1)]
    return tuple(
        guest
        for each, guest_name in zip(given, names, strict=True)
        for guest in _on_machines(each, guest_name, machines, base_type=base_type)
    )


def _on_machines(
    given: Given,
    name: str,
    machines: Sequence[str],
    shown: Guest | None = None,
    *,
    base_type: bool,
) -> tuple[MatrixEntry, ...]:
    """`shown` is the guest of a portrait, whose words no longer name what was left out."""
    lines = [(*given.words, "-machine", machine) for machine in machines] or [given.words]
    try:
        guests = [
            changed(shown, words)
            if shown
            else guest_given(replace(given, words=words), base_type=base_type)
            for words in lines
        ]
        return tuple(MatrixEntry(name, guest.machine, guest) for guest in guests)
    except QcompatError as error:
        raise GuestError(f"{given.where}: {error.message}", error.hint) from error
