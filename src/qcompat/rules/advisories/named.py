"""Which published breaks a finding is: the same rule, device and builds."""

from __future__ import annotations

from fnmatch import fnmatchcase

import msgspec

from qcompat.compare.comparison import Comparison
from qcompat.rules.advisories.advisory import (
    Advisory,
    devices_of,
    is_between,
    shown_by,
)
from qcompat.rules.finding import Finding
from qcompat.rules.subject import Subject


def with_advisories(finding: Finding, comparison: Comparison) -> Finding:
    """The finding with the names of the advisories that are about it."""
    names = tuple(
        name
        for name, advisory in shown_by(finding.rule)
        if is_between(advisory, comparison.source, comparison.target)
        and _is_about(advisory, finding.subject, comparison)
    )
    return msgspec.structs.replace(finding, advisories=names) if names else finding


def _is_about(advisory: Advisory, subject: Subject, comparison: Comparison) -> bool:
    if any(fnmatchcase(subject.section, pattern) for pattern in advisory.sections):
        return True
    devices = tuple(devices_of(advisory, comparison.source))
    if subject.kind == "cpu" or subject.is_whole_guest:
        return bool(devices)
    return any(
        (bool(subject.address) and device.address == subject.address)
        or (bool(subject.path) and device.path == subject.path)
        or (not subject.address and device.type == subject.type)
        for device in devices
    )
