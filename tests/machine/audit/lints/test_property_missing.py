"""Properties that the audited build lost."""

from __future__ import annotations

import msgspec

from qcompat.machine.audit import audit
from qcompat.machine.model import CompatEntry
from tests.machine.audit.handmade import DEVICE, reported

LINT = "property_missing"
BARE = msgspec.structs.replace(DEVICE, properties={"period": "1"})
BOTH = msgspec.structs.replace(DEVICE, properties={"period": "1", "vectors": "2"})


def test_a_property_that_is_gone_warns_of_marks() -> None:
    found = audit(reported({}, BARE), [reported({}, BOTH, name="old")])
    (finding,) = (each for each in found if each.lint == LINT)
    assert (finding.severity, finding.property, finding.reference) == ("suspicious", "vectors", "2")
    assert "mark" in finding.explanation


def test_a_property_that_a_shared_machine_type_sets_breaks_it() -> None:
    old = reported({"7.1": (CompatEntry("rng-pci", "vectors", "0"),)}, BOTH, name="old")
    (finding,) = (each for each in audit(reported({}, BARE), [old]) if each.lint == LINT)
    assert (finding.severity, finding.machines) == ("breaks", ("pc-q35-7.1", "pc-q35-7.0"))


def test_a_property_that_is_not_there_yet_is_not_lost() -> None:
    old = reported({}, BARE, releases=("7.1", "7.0"))
    found = audit(old, [reported({}, BOTH, name="new")])
    assert LINT not in {finding.lint for finding in found}


def test_a_type_that_tells_nothing_proves_nothing() -> None:
    mute = msgspec.structs.replace(DEVICE, properties={})
    found = audit(reported({}, mute), [reported({}, BOTH, name="old")])
    assert LINT not in {finding.lint for finding in found}


def test_a_renamed_property_breaks_no_machine_type() -> None:
    slot = msgspec.structs.replace(DEVICE, properties={"period": "1", "x-native-hotplug": "on"})
    old = reported({"7.1": (CompatEntry("rng-pci", "x-native-hotplug", "off"),)}, slot, name="old")
    (finding,) = (each for each in audit(reported({}, BARE), [old]) if each.lint == LINT)
    assert (finding.severity, finding.machines) == ("suspicious", ())
    assert "x-do-not-expose-native-hotplug-cap replaces it" in finding.explanation
