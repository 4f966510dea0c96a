"""A finding in words, and as a part of a document.

Here alone a subject becomes text: everything that decides goes by its parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from qcompat.rules.subject import Subject, called, subject_text

__all__ = ["called", "in_words", "subject_text"]


def in_words(value: Any) -> Any:
    """A value for JSON: in every structure, at any depth, a subject becomes its words."""
    if isinstance(value, msgspec.Struct):
        return dict(_members(value))
    if isinstance(value, Mapping):
        return {key: in_words(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [in_words(each) for each in value]
    return value


def _members(value: msgspec.Struct) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for field in msgspec.structs.fields(value):
        member = getattr(value, field.name)
        if isinstance(member, Subject):
            found.append(("device", subject_text(member)))
        else:
            found.append((field.encode_name, in_words(member)))
    return found
