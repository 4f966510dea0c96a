"""Older machine types with another value than on the reference."""

from __future__ import annotations

import msgspec

from qcompat.machine.audit import audit
from qcompat.machine.audit.finding import paste
from qcompat.machine.model import CompatEntry, TypeFact
from tests.machine.audit.handmade import DEVICE, observed, reported

LINT = "default_changed"


def test_a_new_default_without_an_entry_is_found_on_every_shared_machine_type() -> None:
    new = observed({"7.1": "2", "7.0": "2"}, name="new")
    (finding, *_) = audit(new, [observed({"7.1": "0", "7.0": "0"})])
    assert (finding.lint, finding.severity, finding.certainty) == (LINT, "breaks", "certain")
    assert finding.machines == ("pc-q35-7.1", "pc-q35-7.0")
    assert (finding.driver, finding.value, finding.reference) == ("rng-pci", "2", "0")
    assert finding.table == "hw_compat_7_1"
    assert paste(finding) == '{ "rng-pci", "vectors", "0" },'


def test_an_entry_too_old_for_the_newest_machine_type_is_told_as_such() -> None:
    new = observed({"7.1": "2", "7.0": "0"}, name="new")
    (finding, *_) = audit(new, [observed({"7.1": "0", "7.0": "0"})])
    assert finding.lint == LINT
    assert "reach only machine types up to 7.0" in finding.explanation


def test_an_entry_that_keeps_the_old_value_is_silent() -> None:
    new = observed({"7.2": "2", "7.1": "0", "7.0": "0"}, name="new")
    found = audit(new, [observed({"7.1": "0", "7.0": "0"})])
    assert LINT not in {finding.lint for finding in found}


def test_an_entry_that_only_the_reference_has_is_missed() -> None:
    new = observed({"7.2": "2", "7.1": "2"}, name="new")
    (finding, *_) = audit(new, [observed({"7.2": "2", "7.1": "0"})])
    assert (finding.lint, finding.machines) == (LINT, ("pc-q35-7.1",))


def test_values_are_computed_where_nothing_was_observed() -> None:
    old = reported({}, msgspec.structs.replace(DEVICE, properties={"vectors": "0"}), name="old")
    (finding, *_) = audit(reported({}), [old])
    assert (finding.lint, finding.certainty) == (LINT, "likely")


def test_computed_values_are_not_compared_with_observed_ones() -> None:
    new = reported({"7.1": (CompatEntry("rng-pci", "vectors", "0"),)})
    found = audit(new, [observed({"7.2": "2", "7.1": "2", "7.0": "2"})])
    assert LINT not in {finding.lint for finding in found}


def test_a_place_is_not_a_default() -> None:
    new = observed({"7.1": "03.0"}, name="new", property="addr")
    found = audit(new, [observed({"7.1": "04.0"}, property="addr")])
    assert LINT not in {finding.lint for finding in found}


def test_values_that_mean_the_same_are_silent() -> None:
    new = observed({"7.1": "-1"}, name="new", property="rombar")
    assert LINT not in {
        finding.lint for finding in audit(new, [observed({"7.1": "1"}, property="rombar")])
    }
    (finding, *_) = audit(new, [observed({"7.1": "0"}, property="rombar")])
    assert finding.lint == LINT


def test_types_with_one_cause_make_one_finding() -> None:
    other = msgspec.structs.replace(DEVICE, name="rng-pci-transitional")
    zero = {"vectors": "0"}
    old = [msgspec.structs.replace(each, properties=zero) for each in (DEVICE, other)]
    found = audit(reported({}, DEVICE, other), [reported({}, *old, name="old")])
    (finding,) = (each for each in found if each.lint == LINT)
    assert finding.types == ("rng-pci", "rng-pci-transitional")
    assert finding.driver == "rng-pci-base"


def test_a_name_that_would_reach_types_without_the_property_is_not_taken() -> None:
    other = msgspec.structs.replace(DEVICE, name="rng-pci-transitional")
    bare = msgspec.structs.replace(DEVICE, name="rng-pci-bare", properties={"period": "1"})
    old = [msgspec.structs.replace(each, properties={"vectors": "0"}) for each in (DEVICE, other)]
    found = audit(reported({}, DEVICE, other, bare), [reported({}, *old, bare, name="old")])
    (finding,) = (each for each in found if each.lint == LINT)
    assert finding.driver == ""


def test_types_without_a_name_of_their_own_get_an_entry_each() -> None:
    other = msgspec.structs.replace(DEVICE, name="rng-pci-transitional")
    agreeing = msgspec.structs.replace(DEVICE, name="rng-pci-other")
    old = [msgspec.structs.replace(each, properties={"vectors": "0"}) for each in (DEVICE, other)]
    found = audit(reported({}, DEVICE, other, agreeing), [reported({}, *old, agreeing, name="old")])
    (finding,) = (each for each in found if each.lint == LINT)
    assert finding.driver == ""
    assert [entry.driver for entry in finding.entries] == ["rng-pci", "rng-pci-transitional"]


def test_one_cause_beside_two_references_is_one_finding() -> None:
    new = observed({"7.1": "2"}, name="new")
    found = audit(new, [observed({"7.1": "0"}, name="a"), observed({"7.1": "0"}, name="b")])
    (finding,) = (each for each in found if each.lint == LINT)
    assert finding.against == ("a", "b")


def test_a_cpu_made_from_the_host_promises_nothing() -> None:
    host = TypeFact("host-x86_64-cpu", ("x86_64-cpu",), False, {"erms": "off"})
    new = msgspec.structs.replace(host, properties={"erms": "on"})
    found = audit(reported({}, new), [reported({}, host, name="old")])
    assert LINT not in {finding.lint for finding in found}


def test_a_machine_type_of_one_build_only_is_not_compared() -> None:
    found = audit(observed({"7.2": "2"}, name="new"), [observed({"7.1": "0"})])
    assert LINT not in {finding.lint for finding in found}
