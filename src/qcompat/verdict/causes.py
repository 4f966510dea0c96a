"""One cause gives one finding, and a finding names what was set differently.

A device that is missing on the target also lacks its sections, its PCI function, its option ROM:
the finding that says the most stays and takes over the others' evidence. Which rule explains
which is in the rule (`Rule.explains`); findings of different devices never meet here.

A load rule sees bytes; an operator sets properties. Where the device of a finding has other
property values on the two ends, these become part of its evidence, and its remedy is to give the
target the source's values. Arguments that differ between the two guests are named in what they
break.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from qcompat.compare.comparison import Comparison
from qcompat.compare.devices import PropertyDiffers
from qcompat.compare.guest import ArgumentDiffers
from qcompat.guest.known_options import is_backend
from qcompat.portrait.portrait import Device
from qcompat.qemu.supplies.names import supplies_in
from qcompat.remedy.device_line import set_properties
from qcompat.remedy.places import HOST_SIDE
from qcompat.rules.device.property_changed import DEFAULTS_ONLY
from qcompat.rules.effect import WHENS
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.registry import RULES
from qcompat.rules.subject import devices_at, owner_of


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


def without_settings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings without properties and arguments set differently that a graver one names."""
    every = tuple(findings)
    named = {each for finding in every if not _names_settings(finding) for each in finding.evidence}
    return tuple(f for f in every if not _names_settings(f) or not named.issuperset(f.evidence))


def _names_settings(finding: Finding) -> bool:
    return RULES[finding.rule].names_settings


def _explains(chief: Finding, other: Finding) -> bool:
    if chief.subject.is_whole_guest or chief.undecided:
        return False
    if chief.subject.thing != other.subject.thing:
        return False
    return other.rule in RULES[chief.rule].explains


def _merged(chief: Finding, other: Finding) -> Finding:
    evidence = tuple(dict.fromkeys((*chief.evidence, *other.evidence)))
    when = min(chief.when, other.when, key=WHENS.index)
    remedy = chief.remedy or other.remedy
    return msgspec.structs.replace(chief, evidence=evidence, remedy=remedy, when=when)


SPELLED_TWICE = re.compile(r"^(-?\d+) \(.*\)$")


def with_origin(finding: Finding, comparison: Comparison) -> Finding:
    """The finding with the properties or arguments that differ for its device."""
    if finding.certainty == "possible" and not finding.undecided:
        return finding
    address = finding.subject.address
    changed = _properties(comparison, address) if address else ()
    arguments = comparison.of(ArgumentDiffers) if finding.promise == "loads" or changed else ()
    evidence = tuple(
        Evidence(f"property {each.device}.{each.name}", each.source, each.target)
        for each in changed
    )
    evidence += tuple(
        Evidence(f"argument {each.option}", each.source, each.target) for each in arguments
    )
    return msgspec.structs.replace(
        finding,
        evidence=tuple(dict.fromkeys((*finding.evidence, *evidence))),
        remedy=finding.remedy or _remedy(comparison, address, changed) or _given(arguments),
    )


def _properties(comparison: Comparison, address: str) -> tuple[PropertyDiffers, ...]:
    paths = {device.path for device in devices_at(comparison.source, address)}
    return tuple(
        each
        for each in comparison.of(PropertyDiffers)
        if each.path in paths
        and each.name not in DEFAULTS_ONLY | HOST_SIDE
        and None not in (each.source, each.target)
    )


def _remedy(
    comparison: Comparison, address: str, changed: tuple[PropertyDiffers, ...]
) -> str | None:
    """Give the target the source's values, for properties that its device has."""
    owner: Device | None = owner_of(comparison.target, address)
    settable = [
        each
        for each in changed
        if None not in (each.source, each.target) and not supplies_in([each.source or ""])
    ]
    if owner is None or not settable:
        return None
    values = tuple((each.name, _spelled(each.source or "")) for each in settable)
    return set_properties(comparison.target, owner, values)


def _given(arguments: tuple[ArgumentDiffers, ...]) -> str | None:
    """The source's argument, where the guests differ in one only; a stand-in is nobody's."""
    if len(arguments) != 1 or arguments[0].source is None or supplies_in([arguments[0].source]):
        return None
    if is_backend(arguments[0].option):
        return None
    return f"{arguments[0].option} {arguments[0].source}".rstrip()


def _spelled(value: str) -> str:
    """A value of `info qtree` as the command line wants it."""
    if (match := SPELLED_TWICE.match(value)) is not None:
        return match.group(1)
    return {"true": "on", "false": "off"}.get(value, value.strip('"'))
