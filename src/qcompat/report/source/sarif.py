"""Findings as SARIF 2.1.0, which code hosts show beside the changed lines."""

from __future__ import annotations

from typing import Any

from qcompat import __version__
from qcompat.report.output import Output
from qcompat.report.source.answers import SourceLint
from qcompat.report.source.sentences import MEANINGS, pasted, sentence
from qcompat.source.lint import Finding
from qcompat.source.tree.files import Place

_LEVELS = {"breaks": "error", "suspicious": "warning", "unknown": "note", "harmless": "none"}


def write(answer: SourceLint, out: Output) -> None:
    """One run; an intended change is a suppressed result with its reason."""
    rules = [
        {"id": name, "shortDescription": {"text": text}} for name, text in sorted(MEANINGS.items())
    ]
    driver = {"name": "qcompat", "version": __version__, "rules": rules}
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": [_result(each) for each in answer.found]}],
    }
    out.write_document(document)


def _result(each: Finding) -> dict[str, Any]:
    lines = [sentence(each)]
    if each.entries and each.table:
        lines += [f"Paste into {each.table}:", *pasted(each)]
    result: dict[str, Any] = {
        "ruleId": each.lint,
        "level": _LEVELS[each.severity],
        "message": {"text": "\n".join(lines)},
        "locations": [_location(place) for place in (each.here or each.there,) if place],
        "partialFingerprints": {"qcompat/subject": f"{each.lint} {each.subject}"},
    }
    if each.intended:
        result["suppressions"] = [{"kind": "inSource", "justification": each.intended}]
    if each.table_place:
        result["relatedLocations"] = [_location(each.table_place)]
    return result


def _location(place: Place) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": place.file},
            "region": {"startLine": place.line},
        }
    }
