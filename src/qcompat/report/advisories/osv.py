"""Advisories as records of the Open Source Vulnerability format, for tools that read those.

A record is about one package, and a break is between two: `affected` is the end with the fault, the
other end and what the guest must have stand in `database_specific`.
(https://ossf.github.io/osv-schema/)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qcompat.app.advisories import Concern
from qcompat.report.output import Output
from qcompat.rules.advisories.advisory import Advisory
from qcompat.rules.advisories.version_range import parts_of

VERSION = "1.6.0"
_ANY = (">=0",)
_EVENTS = {">=": "introduced", "<": "fixed", "<=": "last_affected"}


def write(concerns: Sequence[Concern], out: Output) -> None:
    """A list of records, one an advisory."""
    out.write_document([record(concern.name, concern.advisory) for concern in concerns])


def record(name: str, advisory: Advisory) -> dict[str, Any]:
    """One record."""
    is_at_target = advisory.source == _ANY and advisory.target != _ANY
    faulty, other = (
        (advisory.target, advisory.source) if is_at_target else (advisory.source, advisory.target)
    )
    return {
        "schema_version": VERSION,
        "id": f"QCOMPAT-{name}",
        "modified": f"{advisory.modified}T00:00:00Z",
        "summary": advisory.title,
        "details": f"{advisory.symptom}: {advisory.cause}. Remedy: {advisory.remedy}.",
        "affected": [
            {
                "ranges": [{"type": "SEMVER", "events": _events(each)} for each in faulty],
                "database_specific": {
                    "product": "QEMU",
                    "end": "target" if is_at_target else "source",
                    "other_end": list(other),
                    "both_ways": advisory.both_ways,
                    "machines": advisory.machines,
                    "devices": list(advisory.devices),
                    "sections": list(advisory.sections),
                    "packages": list(advisory.packages),
                },
            }
        ],
        "references": [{"type": _type(link), "url": link} for link in advisory.links],
        "database_specific": {
            "promise": advisory.promise,
            "certainty": advisory.certainty,
            "rules": list(advisory.rules),
        },
    }


def _events(range_: str) -> list[dict[str, str]]:
    """`>=8.0.0,<8.0.1` → introduced in 8.0.0, fixed in 8.0.1."""
    events = [{_EVENTS[operator]: _three(version)} for operator, version in parts_of(range_)]
    if not any("introduced" in event for event in events):
        events.insert(0, {"introduced": "0"})
    return events


def _three(version: str) -> str:
    """SEMVER has three numbers, or the 0 that is before all."""
    if version == "0":
        return version
    return ".".join([*version.split("."), "0", "0"][:3])


def _type(link: str) -> str:
    return "FIX" if "/commit/" in link else "REPORT" if "issues" in link or "bug" in link else "WEB"
