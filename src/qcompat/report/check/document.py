"""A judgement as JSON, for other programs.

The form is a promise of its own: `docs/reference/check.schema.json` describes it, and its
name in `schema` changes when a reader written for the old form could misread the new one.
Additions do not change it. Colours, wrapping and what is worth showing are `text`'s business;
here everything is told, in a fixed order.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.report.finding import in_words
from qcompat.verdict.judgement import Judgement

SCHEMA = "qcompat.check/2"


def render(judgement: Judgement, more: Mapping[str, object] | None = None) -> str:
    """The judgement, and `more` members, as one indented document that ends in a newline."""
    content = msgspec.json.encode({"schema": SCHEMA, **_document(judgement), **(more or {})})
    return msgspec.json.format(content, indent=2).decode() + "\n"


def _document(judgement: Judgement) -> dict[str, object]:
    guest = judgement.guest
    return {
        "source": judgement.source,
        "target": judgement.target,
        "guest": {"machine": guest.machine, "arguments": guest.arguments},
        "forward": in_words(judgement.forward),
        "back": in_words(judgement.back),
        "uncovered": judgement.uncovered,
        "gaps": judgement.gaps,
    }
