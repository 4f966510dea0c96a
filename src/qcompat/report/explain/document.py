"""An explanation as JSON, for other programs."""

from __future__ import annotations

from typing import Any

import msgspec

from qcompat.app.explain import Explained
from qcompat.report.output import Output

SCHEMA = "qcompat.explain/1"


def write(answer: Explained, out: Output) -> None:
    """Everything that was found; with a check, what that found for each problem."""
    document: dict[str, Any] = {"schema": SCHEMA, **msgspec.to_builtins(answer.explanation)}
    if answer.is_checked:
        from qcompat.report.finding import in_words

        document["check"] = {"source": answer.source, "target": answer.target}
        for problem, found in zip(document["problems"], answer.found, strict=True):
            problem["found"] = [in_words(finding) for finding in found]
    out.write_document(document)
