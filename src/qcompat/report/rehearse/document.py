"""A rehearsal as JSON, for other programs; additions do not change the name in `schema`."""

from __future__ import annotations

from typing import Any

from qcompat.app.rehearse.rehearse import Rehearsed
from qcompat.report.output import Output
from qcompat.report.prove.document import outcome_members
from qcompat.report.verdict import exit_members
from qcompat.trial.rehearsal.parts import Part

SCHEMA = "qcompat.rehearse/2"


def write(rehearsed: Rehearsed, out: Output) -> None:
    """All that is known about a rehearsal, a trial a target."""
    now = rehearsed.now
    portrait = now.portrait
    out.write_document(
        {
            "schema": SCHEMA,
            "source": portrait.build,
            "accel": portrait.accel,
            "guest": {"machine": portrait.guest.machine, "arguments": portrait.guest.arguments},
            "uncovered": portrait.guest.uncovered,
            "pause": now.pause,
            "pause_is_measured": now.is_told,
            "blocked": now.blocked,
            "trials": [
                {"target": trial.builds[1], **outcome_members(trial)} for trial in rehearsed.trials
            ],
            "parts": [_part(part) for part in rehearsed.parts],
            "kept": [str(path) for path in rehearsed.kept],
            **exit_members(out.exit),
        }
    )


def _part(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "handling": part.handling,
        "means": part.means,
        "source": part.source,
    }
