"""Advisories as JSON, for other programs."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from qcompat.app.advisories import Concern
from qcompat.report.output import Output

SCHEMA = "qcompat.advisories/1"


def write(concerns: Sequence[Concern], out: Output) -> None:
    """All that the files say, and why each concerns the build and the guest."""
    listed = [
        {
            "name": concern.name,
            **msgspec.to_builtins(concern.advisory),
            "ends": concern.ends,
            "found": concern.devices,
        }
        for concern in concerns
    ]
    out.write_document({"schema": SCHEMA, "advisories": listed})
