"""A published break of releases like these may affect this guest; the portraits do not show it.

The break is described by an advisory (`advisories/*.toml`) that no rule shows: something that shows
only while a guest runs, or that depends on what lies in memory that QEMU should not have read.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.portrait.portrait import Portrait
from qcompat.rules.advisories.advisory import Advisory, affected, shown_by_none
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import Subject, device_of_type

RULE = Rule(
    id="known_break_unproven",
    stage="advisories",
    position=1,
    says={
        "": "{title}: {symptom}, because {cause}",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    source, target = comparison.source, comparison.target
    if source.identity == target.identity:
        return
    for name, advisory in shown_by_none():
        devices = list(affected(advisory, source, target))
        if devices:
            subject = device_of_type(source, devices[0].address, devices[0].type)
            yield _finding(name, advisory, subject, comparison)


def _finding(name: str, advisory: Advisory, subject: Subject, comparison: Comparison) -> Finding:
    return Finding(
        rule=RULE.id,
        promise=advisory.promise,
        certainty=advisory.certainty,
        subject=subject,
        args={
            "advisory": name,
            "title": advisory.title,
            "symptom": advisory.symptom,
            "cause": advisory.cause,
        },
        evidence=(
            Evidence(f"advisory {name}", None, advisory.reference),
            Evidence("build", _build(comparison.source), _build(comparison.target)),
        ),
        remedy=advisory.remedy,
        undecided=advisory.undecided,
        advisories=(name,),
    )


def _build(portrait: Portrait) -> str:
    package = f" ({portrait.identity.package})" if portrait.identity.package else ""
    return f"{portrait.identity.version}{package}"
