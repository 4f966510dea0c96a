"""A finding in words, and as a part of a document.

Only here do subjects and findings become text; everything that decides goes by their parts.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from qcompat.rules.finding import Finding
from qcompat.rules.registry import RULES
from qcompat.rules.subject import Subject
from qcompat.verdict.judgement import Verdict

_BARRED = "The guest cannot come back. On the way back: "
_WAS_RESET = (
    "The guest was reset since then, which clears this unless its drivers made it stay "
    "(`qcompat carry --qmp` reads the running guest). "
)
_NO_PROPERTY = "; no property of the target's device changes that"


def subject_text(subject: Subject) -> str:
    """A subject in words: `virtio-blk-pci "disk0" at 0000:00:02.0`.

    Empty for the whole guest. Off PCI the id or path itself is the name.
    """
    if subject.kind == "cpu":
        return "CPU"
    if subject.type and subject.address:
        called = f' "{subject.id}"' if subject.id else ""
        return f"{subject.type}{called} at {subject.address}"
    return subject.section or subject.block or subject.path or subject.type or subject.address


def called(subject: Subject) -> str:
    """A subject in words, the whole guest too."""
    return subject_text(subject) or "the whole guest"


def summary_text(finding: Finding) -> str:
    """What happens to the guest, then the cause, then why nothing set on the target helps."""
    before = _BARRED if finding.promise == "returns" else ""
    before += _WAS_RESET if finding.was_reset else ""
    return before + sentence(finding) + (_NO_PROPERTY if finding.no_property else "")


def sentence(finding: Finding) -> str:
    """What happens to the guest, then the cause."""
    return _WORDS.format(RULES[finding.rule].says[finding.case], **finding.args)


class _Words(string.Formatter):
    """Subjects by name; lists joined by commas, or by the word or sign behind the colon."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, Subject):
            return subject_text(value)
        if isinstance(value, tuple):
            joint = f" {format_spec} " if format_spec.isalpha() else f"{format_spec or ','} "
            return joint.join(map(str, value))
        return str(super().format_field(value, format_spec))


_WORDS = _Words()


def page_of(rule: str) -> str:
    """The place of a rule's page below the root of the documentation."""
    return f"reference/rules.html#{rule}"


def in_words(value: Any) -> Any:
    """A value for JSON: at any depth, subjects and findings get their words as well.

    A verdict says when the guest meets a change, and for what the target may refuse it anyway.
    """
    if isinstance(value, msgspec.Struct):
        return dict(_members(value))
    if isinstance(value, Mapping):
        return {key: in_words(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [in_words(each) for each in value]
    return value


def _members(value: msgspec.Struct) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Subject):
        yield from msgspec.to_builtins(value).items()
        yield "text", subject_text(value)
        return
    for field in msgspec.structs.fields(value):
        yield field.encode_name, in_words(getattr(value, field.name))
    if isinstance(value, Verdict):
        yield "when", value.when
        yield "may_refuse", [_risk(finding) for finding in value.may_refuse]
    if isinstance(value, Finding):
        yield "summary", summary_text(value)
        yield "page", page_of(value.rule)


def _risk(finding: Finding) -> dict[str, Any]:
    return {"rule": finding.rule, "subject": in_words(finding.subject)}
