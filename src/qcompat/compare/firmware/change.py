"""One place in which what firmware hands over differs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from qcompat.compare.difference import Difference

SomeChange = TypeVar("SomeChange", bound="Change")


class Change(Difference[str | None], frozen=True, kw_only=True):
    """A device, member or field that differs, its values in words.

    `kind` is what it is (`_CRS`, `address`, `FACP.boot_flags`), `where` the path or field, as a
    reader looks for it.
    """

    kind: str
    where: str


class AcpiChange(Change, frozen=True, kw_only=True):
    """A change of ACPI's tables."""


class SmbiosChange(Change, frozen=True, kw_only=True):
    """A change of SMBIOS structures."""


def in_order(changes: Iterable[SomeChange]) -> list[SomeChange]:
    """The changes in an order that is the same seen from either end."""
    return sorted(changes, key=lambda each: (each.where, each.kind, max(_values(each))))


def _values(change: Change) -> tuple[str, str]:
    return change.source or "", change.target or ""
