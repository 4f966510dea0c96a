"""Findings as JSON (`qcompat.source-lint/1`): all of them, in a fixed order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TextIO

import msgspec

from qcompat.report.output import write_document
from qcompat.report.source.sentences import pasted, sentence
from qcompat.source.lint import Finding
from qcompat.source.tree.types import Unfollowed

SCHEMA = "qcompat.source-lint/1"


def write_json(
    tree: str, against: str, found: Sequence[Finding], lost: Sequence[Unfollowed], out: TextIO
) -> None:
    """The document."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "tree": tree,
        "against": against,
        "findings": [
            {**msgspec.to_builtins(each), "message": sentence(each), "paste": pasted(each)}
            for each in found
        ],
        "not_followed": [msgspec.to_builtins(each) for each in lost],
    }
    write_document(document, out)
