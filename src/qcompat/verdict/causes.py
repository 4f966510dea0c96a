"""One cause gives one finding: what a graver finding of the same device explains is folded in.

A device that is missing on the target also lacks its sections, its PCI function, its option
ROM. The finding that says the most keeps its words and takes over the others' evidence. Which
rule explains which is `EXPLAINS`; findings of different devices never meet here.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from qcompat.rules.finding import Finding

EXPLAINS: dict[str, frozenset[str]] = {
    "section_missing_on_target": frozenset(
        {
            "section_missing_on_target",
            "pci_function_missing_on_target",
            "device_missing_on_target",
            "ram_block_missing_on_target",
        }
    ),
    "pci_function_missing_on_target": frozenset({"device_missing_on_target"}),
    "pci_function_added_on_target": frozenset(
        {"section_missing_on_source", "ram_block_missing_on_source", "device_added_on_target"}
    ),
    "pci_config_size_changed": frozenset(
        {"pci_register_changed", "field_layout_changed", "pci_read_changed", "bar_changed"}
    ),
    "pci_register_changed": frozenset({"pci_read_changed", "field_layout_changed"}),
    "host_tap_missing_on_target": frozenset({"host_feature_missing_on_target"}),
    "queue_size_exceeded_on_target": frozenset({"queue_size_changed"}),
    "section_version_raised": frozenset({"field_layout_changed"}),
}
"""Rule to the rules whose findings on the same device follow from it."""


NOTES = frozenset({"property_changed", "argument_changed"})
"""Rules that only note what was set differently."""


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
    told = tuple(findings)
    named = {each for finding in told if finding.rule not in NOTES for each in finding.evidence}
    return tuple(f for f in told if f.rule not in NOTES or not named.issuperset(f.evidence))


def _explains(chief: Finding, other: Finding) -> bool:
    if chief.subject.is_whole_guest or chief.undecided:
        return False
    if chief.subject.thing != other.subject.thing:
        return False
    return other.rule in EXPLAINS.get(chief.rule, frozenset())


def _merged(chief: Finding, other: Finding) -> Finding:
    evidence = tuple(dict.fromkeys((*chief.evidence, *other.evidence)))
    return msgspec.structs.replace(chief, evidence=evidence, remedy=chief.remedy or other.remedy)
