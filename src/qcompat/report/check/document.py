"""A judgement as JSON, for other programs.

The form is a promise of its own: `docs/reference/check.schema.json` describes it, and its
name in `schema` changes when a reader written for the old form could misread the new one.
Additions do not change it. Colours, wrapping and what is worth showing are `text`'s business;
here is everything, in a fixed order.
"""

from __future__ import annotations

from qcompat.report.check.answers import CheckAnswer
from qcompat.report.finding import in_words
from qcompat.report.output import Output
from qcompat.report.verdict import exit_members
from qcompat.verdict.judgement import Judgement

SCHEMA = "qcompat.check/3"


def write(answer: CheckAnswer, out: Output) -> None:
    """Write the judgement, as `cold_start` what another machine type of the target would
    change, and as `repair` what to set on the target."""
    document = {"schema": SCHEMA, **judgement_members(answer.judgement)} | exit_members(out.exit)
    if answer.cold_start:
        document["cold_start"] = in_words(answer.cold_start)
    if answer.repaired:
        from qcompat.report.repair.document import members

        document["repair"] = members(answer.repaired.found)
    out.write_document(document)


def judgement_members(judgement: Judgement) -> dict[str, object]:
    """Both directions, and what is not covered."""
    guest = judgement.guest
    return {
        "source": judgement.source,
        "target": judgement.target,
        "guest": {"machine": guest.machine, "arguments": guest.arguments},
        "forward": in_words(judgement.forward),
        "back": in_words(judgement.back),
        "uncovered": judgement.uncovered,
        "gaps": judgement.gaps,
        "accel": judgement.accel,
        "hosts": judgement.hosts,
    }
