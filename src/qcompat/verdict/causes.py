"""One cause gives one finding: what a graver finding of the same device explains is folded in.

A device that is missing on the target also lacks its sections, its PCI function, its option
ROM. The finding that says the most stays and takes over the others' evidence. Which rule
explains which it says itself (`Rule.explains`); findings of different devices never meet here.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from qcompat.rules.finding import Finding
from qcompat.rules.registry import RULES


def fold(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings without those that another one explains, in the same order."""
    kept: list[Finding] = []
    for finding in findings:
        chief = finding
        for each in [each for each in kept if _explains(finding, each)]:
            kept.remove(each)
            chief = _merged(chief, each)
        at = next((i for i, each in enumerate(kept) if _explains(each, finding)), None)
        if at is None:
            kept.append(chief)
        else:
            kept[at] = _merged(kept[at], chief)
    return tuple(kept)


def without_notes(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings without notes on properties and arguments that a graver one names already."""
    every = tuple(findings)
    named = {each for finding in every if not _is_note(finding) for each in finding.evidence}
    return tuple(f for f in every if not _is_note(f) or not named.issuperset(f.evidence))


def _is_note(finding: Finding) -> bool:
    return RULES[finding.rule].is_note


def _explains(chief: Finding, other: Finding) -> bool:
    if chief.subject.is_whole_guest or chief.undecided:
        return False
    if chief.subject.thing != other.subject.thing:
        return False
    return other.rule in RULES[chief.rule].explains


def _merged(chief: Finding, other: Finding) -> Finding:
    evidence = tuple(dict.fromkeys((*chief.evidence, *other.evidence)))
    return msgspec.structs.replace(chief, evidence=evidence, remedy=chief.remedy or other.remedy)
