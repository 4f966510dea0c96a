"""What could not be compared is told."""

from __future__ import annotations

from qcompat.machine.audit import audit
from tests.machine.audit.handmade import observed, reported

LINT = "values_unproven"


def test_types_that_nobody_could_compare_are_named() -> None:
    found = audit(reported({}), [observed({"7.2": None, "7.1": None})])
    (finding,) = (each for each in found if each.lint == LINT)
    assert (finding.severity, finding.types) == ("unknown", ("rng-pci",))


def test_types_that_were_compared_are_not() -> None:
    found = audit(observed({"7.1": "0"}, name="new"), [observed({"7.1": "0"})])
    assert LINT not in {finding.lint for finding in found}


def test_builds_without_a_common_machine_type_are_told() -> None:
    found = audit(observed({"7.1": "0"}, name="new"), [observed({"6.0": "0"})])
    (finding,) = (each for each in found if each.lint == LINT)
    assert "share no versioned machine type" in finding.explanation
