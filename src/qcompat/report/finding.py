"""A finding in words, and as a part of a document.

Here alone a subject becomes text: everything that decides goes by its parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from qcompat.rules.finding import Finding
from qcompat.rules.subject import Subject
from qcompat.rules.words import called, sentence, subject_text, summary_text

__all__ = ["called", "in_words", "sentence", "subject_text", "summary_text"]


def in_words(value: Any) -> Any:
    """A value for JSON: in every structure, at any depth, a subject becomes its words."""
    if isinstance(value, Finding):
        return _finding(value)
    if isinstance(value, msgspec.Struct):
        return dict(_members(value))
    if isinstance(value, Mapping):
        return {key: in_words(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [in_words(each) for each in value]
    return value


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "promise": finding.promise,
        "certainty": finding.certainty,
        "device": subject_text(finding.subject),
        "summary": summary_text(finding),
        "evidence": in_words(finding.evidence),
        "remedy": finding.remedy,
        "undecided": finding.undecided,
        "when": finding.when,
    }


def _members(value: msgspec.Struct) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for field in msgspec.structs.fields(value):
        member = getattr(value, field.name)
        if isinstance(member, Subject):
            found.append(("device", subject_text(member)))
        else:
            found.append((field.encode_name, in_words(member)))
    return found
