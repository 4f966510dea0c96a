"""Reading the guests of a file in whatever form; its content tells which form that is."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from qcompat.errors import FileFormatError, GuestError, UsageError
from qcompat.guest.given import forms as _forms
from qcompat.guest.given.form import Form, Given, Mismatch
from qcompat.guest.given.saved import saved_domain
from qcompat.guest.given.unread import Unread, unread
from qcompat.local.foreign_file import open_foreign, read_foreign

MOST_BYTES = 4 << 20
"""Linux gives all words of a process 6 MiB at most, and 2 MiB as it comes."""
_HEAD = 1 << 12
_NEAREST = 2
"""How many forms are said to be missed."""


@cache
def known_forms() -> tuple[Form, ...]:
    """Every form that there is, by the names of their modules."""
    modules = sorted(module.name for module in pkgutil.iter_modules(_forms.__path__))
    return tuple(importlib.import_module(f"{_forms.__name__}.{name}").FORM for name in modules)


def read_guests(path: Path) -> tuple[Given, ...]:
    """The guests of a file, in its order, one at least. Errors: FileFormatError, GuestError."""
    saved = saved_domain(path)
    return recognise(saved or _content(path), str(path))


def _content(path: Path) -> bytes:
    """All of a file; of one that is too large its beginning may tell what it is."""
    try:
        return read_foreign(path, MOST_BYTES, hint())
    except FileFormatError as error:
        if path.is_file() and (kind := unread(_beginning(path))):
            raise _refused(kind, str(path)) from error
        raise


def _beginning(path: Path) -> bytes:
    with open_foreign(path) as file:
        return file.read(_HEAD)


def _refused(kind: Unread, name: str) -> FileFormatError:
    return FileFormatError(f"{name} is {kind.what}", kind.hint)


def read_guest(path: Path) -> Given:
    """The only guest of a file. Errors: FileFormatError, GuestError, UsageError for several."""
    guests = read_guests(path)
    if len(guests) > 1:
        raise UsageError(
            f"{path} holds {len(guests)} guests, and this question is about one",
            "put each into a file of its own",
        )
    return guests[0]


def recognise(data: bytes, name: str) -> tuple[Given, ...]:
    """The guests in `data`, which came from the file `name`.

    Errors: FileFormatError for bytes in no form, GuestError for a form with an error in it.
    """
    mismatches: list[tuple[Mismatch, Form]] = []
    for form in known_forms():
        mismatch = form.mismatch(data)
        if mismatch is None:
            return _read(form, data, name)
        mismatches.append((mismatch, form))
    if kind := unread(data):
        raise _refused(kind, name)
    nearest = sorted(mismatches, key=lambda pair: not pair[0].is_near)[:_NEAREST]
    reasons = "; ".join(mismatch.reason for mismatch, _ in nearest) if data else "it is empty"
    raise FileFormatError(f"{name} holds no guest: {reasons}", hint([form for _, form in nearest]))


def hint(nearest: Sequence[Form] = ()) -> str:
    """What to give instead, the nearest forms first."""
    others = [form for form in known_forms() if form not in nearest]
    return f"give {' or '.join(form.name for form in (*nearest, *others))}"


def _read(form: Form, data: bytes, name: str) -> tuple[Given, ...]:
    try:
        return form.read(data, name)
    except GuestError as error:
        raise GuestError(f"{name}: {error.message}", error.hint) from error
