"""The three standard streams, made fit for use whatever the caller left of them.

A closed descriptor would be given to the next file that is opened, and a locale that lacks
an arrow is no reason to lose an answer. What is written to them is the commands' business.
"""

from __future__ import annotations

import codecs
import io
import os
import sys

_ERRORS = "qcompat-spelled"
_SPELLED = {"→": "->", "…": "...", "×": "x"}


def prepare_streams() -> None:
    """Open what is closed, and let no character be refused."""
    for descriptor in range(3):
        _open_where_closed(descriptor)
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    codecs.register_error(_ERRORS, _spell)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)


def _open_where_closed(descriptor: int) -> None:
    try:
        os.fstat(descriptor)
    except OSError:
        os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one


def _nowhere() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.FileIO(os.devnull, "w"), encoding="utf-8")


def _spell(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(_SPELLED.get(c) or _escaped(c) for c in lost), error.end


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
