"""Builds as JSON, `qcompat.builds/1`."""

from __future__ import annotations

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.report.builds.answers import BuildList, KnownBuild, Offers
from qcompat.report.output import Output

SCHEMA = "qcompat.builds/1"


def write_list(answer: BuildList, out: Output) -> None:
    """As `builds`; `unusable` is the reason, empty for a build that can be used."""
    builds = [_build(build) | {"unusable": reason} for build, reason in answer.builds]
    out.write_document({"schema": SCHEMA, "builds": builds})


def write_offers(answer: Offers, out: Output) -> None:
    """As `offers`, `qcompat.offers/1`: sizes in bytes; `reason` where nothing can be fetched."""
    offers = msgspec.to_builtins(answer.offers)
    out.write_document({"schema": "qcompat.offers/1", "offers": offers})


def write_build(answer: KnownBuild, out: Output) -> None:
    """As `build`."""
    build = _build(answer.build) | {"facts": _facts(answer.facts)}
    out.write_document({"schema": SCHEMA, "build": build})


def _build(build: Build) -> dict[str, object]:
    return dict(msgspec.to_builtins(build)) | {"architecture": build.architecture}


def _facts(facts: BuildFacts) -> dict[str, object]:
    """The lists in full; of state descriptions and names, which fill megabytes, the number."""
    return {
        "machines": facts.machines,
        "devices": facts.devices,
        "states": len(facts.states),
        "names": len(facts.names),
        "markers": dict(sorted(facts.markers.items())),
        "lost": dict(sorted(facts.lost.items())),
    }
