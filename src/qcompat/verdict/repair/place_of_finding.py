"""Which device a finding speaks of, as a place where properties are set."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.portrait.portrait import Device, Portrait
from qcompat.remedy.places import CPU, GUEST, off_tree, place_of
from qcompat.rules.finding import Finding
from qcompat.rules.subject import Subject, state_of


def place_of_finding(portrait: Portrait, finding: Finding) -> str:
    """The place of what a finding speaks of."""
    subject = finding.subject
    if subject.address:
        return subject.address
    if subject.kind == "cpu" or finding.rule.startswith("cpu_"):
        return CPU
    found = {place_of(device) for device in _with_state(portrait, subject)}
    return found.pop() if len(found) == 1 else GUEST


def _with_state(portrait: Portrait, subject: Subject) -> Iterator[Device]:
    """Off PCI a section's id is the name of the state that the device's type describes."""
    state = subject.type or state_of(subject.section)
    for device in (*portrait.devices, *off_tree(portrait)) if state else ():
        told = portrait.facts.type_states.get(device.type, "").partition("@")[0]
        if told == state or device.type == state:
            yield device
