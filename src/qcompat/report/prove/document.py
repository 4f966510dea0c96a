"""A trial as JSON, for other programs; additions do not change the name in `schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qcompat.app.prove.prove import Proved
from qcompat.report.finding import in_words, summary_text
from qcompat.report.output import Output
from qcompat.report.verdict import exit_members
from qcompat.trial.archive import Manifest
from qcompat.trial.perform import TrialPlan
from qcompat.trial.trial import Hop, Trial
from qcompat.verdict.judgement import when_of

SCHEMA = "qcompat.prove/3"


def write(proved: Proved, out: Output) -> None:
    """All that is known about a trial; `before` is the replayed archive."""
    document = _document(proved.trial, proved.plan, proved.kept, proved.before)
    out.write_document(document | exit_members(out.exit))


def _document(
    trial: Trial, plan: TrialPlan, kept: Path | None, before: Manifest | None
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "method": trial.method,
        "variant": trial.variant,
        "accel": plan.accel,
        "moment": plan.moment,
        "guest": {"machine": trial.guest.machine, "arguments": trial.guest.arguments},
        "uncovered": trial.guest.uncovered,
        "stops": [{"build": stop.build.name, "reset": stop.reset} for stop in plan.stops],
        **outcome_members(trial),
        "kept": str(kept) if kept else None,
        "before": _before(before) if before else None,
    }


def outcome_members(trial: Trial) -> dict[str, Any]:
    """What came of a trial, in any document that has one."""
    return {
        "hops": [_hop(hop) for hop in trial.hops],
        "ending": trial.ending,
        "succeeds": trial.succeeds,
        "flaky": trial.is_flaky,
        "outcomes": trial.outcomes,
        "contradicts": trial.contradicts,
    }


def _hop(hop: Hop) -> dict[str, Any]:
    return {
        "source": hop.source,
        "target": hop.target,
        "outcome": hop.outcome,
        "ending": hop.ending,
        "predicted": hop.predicted,
        "when": when_of(hop.predicted, hop.findings) if hop.predicted else None,
        "unpredicted": hop.unpredicted,
        "findings": [summary_text(each) for each in hop.findings],
        "contradicts": hop.contradicts,
        "cause": in_words(hop.cause),
        "finding": in_words(hop.finding),
        "downtime": hop.downtime,
        "total": hop.total,
        "was_reset": hop.was_reset,
        "checks": hop.checks,
        "source_log": hop.source_log,
        "target_log": hop.target_log,
    }


def _before(manifest: Manifest) -> dict[str, Any]:
    return {
        "outcomes": [hop.outcome for hop in manifest.hops],
        "contradicts": manifest.contradicts,
        "qcompat": manifest.qcompat,
    }
