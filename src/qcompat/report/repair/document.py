"""What a repair came to, as JSON: values, and beside them the sentences made of them."""

from __future__ import annotations

from typing import Any

from qcompat.app.repair import Found, Repaired
from qcompat.report.finding import in_words
from qcompat.report.output import Output
from qcompat.report.remedy import written
from qcompat.report.remedy.written import forms_of
from qcompat.report.repair.words import (
    contradiction_text,
    instead_of,
    open_text,
    proof_lines,
    reasons_of,
)
from qcompat.report.verdict import exit_members
from qcompat.verdict.remedy import Remedy, Unrepairable


def write(answer: Repaired, out: Output) -> None:
    """`qcompat.repair/3`; every form of the remedy is in it."""
    ends = {"source": answer.source, "target": answer.target}
    document = {"schema": "qcompat.repair/3"} | ends | members(answer.found)
    out.write_document(document | exit_members(out.exit))


def members(found: Found) -> dict[str, object]:
    """What a repair came to: also a member of `check --repair`'s answer."""
    if found is None:
        return {"result": "nothing to repair"}
    answer = (
        {"remedy": _remedy(found)}
        if isinstance(found, Remedy)
        else {"unrepairable": unrepairable(found)}
    )
    return {
        "result": result_of(found),
        **answer,
        "forms": written.members(forms_of(found)),
    }


def result_of(found: Found) -> str:
    """In one word or two: how it ended."""
    if found is None:
        return "nothing to repair"
    if isinstance(found, Unrepairable):
        return "unknown" if found.is_open else "unrepairable"
    if found.settings:
        return "repaired"
    return "unknown" if found.verdict.verdict == "unknown" else "nothing helps"


def _remedy(found: Remedy) -> dict[str, Any]:
    return {**in_words(found), **_sentences(found)}


def unrepairable(found: Unrepairable | None) -> dict[str, Any] | None:
    """Why no property helps: also a member of a guest's move and of what it carries."""
    if found is None:
        return None
    values = in_words(found)
    return {
        **values,
        "why": values["reasons"],
        "reasons": reasons_of(found),
        "instead": instead_of(found),
        **_sentences(found),
    }


def _sentences(found: Remedy | Unrepairable) -> dict[str, Any]:
    return {
        "proofs": proof_lines(found.proof),
        "contradiction": contradiction_text(found),
        "open": open_text(found),
    }
