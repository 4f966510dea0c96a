"""The guest that a user names by a file: in any form that `guest.given` reads, or a portrait."""

from __future__ import annotations

from pathlib import Path

from qcompat.app.asked_guest import AskedGuest
from qcompat.guest.base_type import words_on_base_type
from qcompat.guest.given.line import guest_given
from qcompat.guest.given.recognise import read_guest
from qcompat.portrait.file import read_portrait
from qcompat.portrait.portraits import SUFFIX


def given_guest(path: Path, *, base_type: bool = False) -> AskedGuest:
    """The only guest of a file, and the words that it was given in.

    `base_type` is as in `given.line`. Errors: FileFormatError, GuestError, which name the file;
    UsageError where the file holds several.
    """
    if path.suffix == SUFFIX:
        guest = AskedGuest(base_type=base_type).read(read_portrait(path)).guest
        return AskedGuest(guest, own=guest.arguments, base_type=base_type)
    given = read_guest(path)
    words = words_on_base_type(given.words) if base_type else given.words
    return AskedGuest(guest_given(given, base_type=base_type), own=words, base_type=base_type)
