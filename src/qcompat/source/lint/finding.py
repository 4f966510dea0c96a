"""What a lint of source says: one cause, where it stands in both trees, and the entry for it."""

from __future__ import annotations

from typing import Literal

import msgspec

from qcompat.source.tree.files import Place

Severity = Literal["breaks", "suspicious", "unknown", "harmless"]


class PasteEntry(msgspec.Struct, frozen=True, order=True):
    """A row for a compat table."""

    driver: str
    property: str
    value: str


class Finding(msgspec.Struct, frozen=True):
    """One cause. `reason` is the case of the lint that it is, as a word.

    `here` is where it stands in the linted tree, `there` in the one it is held against.
    `machines` are the shipped machine types whose devices change. `entries` are to be pasted into
    `table`; `stands_in` names the table where the entry is now, if it is in the wrong one.
    `intended` is the reason given by a `compat: intended` comment.
    """

    lint: str
    severity: Severity
    subject: str
    reason: str = ""
    before: str | None = None
    after: str | None = None
    here: Place | None = None
    there: Place | None = None
    types: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    entries: tuple[PasteEntry, ...] = ()
    table: str = ""
    table_place: Place | None = None
    stands_in: str = ""
    intended: str = ""
