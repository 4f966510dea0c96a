"""Lints that need one build's tables only."""

from __future__ import annotations

import msgspec

from qcompat.machine.audit import Audit, audit
from qcompat.machine.model import CompatEntry, MachineFacts, TypeFact
from tests.machine.audit.handmade import DEVICE, observed, reported

VECTORS = CompatEntry("rng-pci", "vectors", "0")
TRANSITIONAL = msgspec.structs.replace(DEVICE, name="rng-pci-transitional")
FLASH = TypeFact("cfi.pflash01", ("device",), False, {"old-handling": "off"})


def found(lint: str, facts: MachineFacts, *against: MachineFacts) -> list[Audit]:
    return [each for each in audit(facts, against) if each.lint == lint]


def test_a_dead_entry_is_suspicious_and_the_type_that_is_meant_is_named() -> None:
    dead = CompatEntry("pflash_cfi01", "old-handling", "on")
    (finding,) = found("entry_driver_missing", reported({"7.1": (dead,)}, FLASH))
    assert (finding.severity, finding.table) == ("suspicious", "hw_compat_7_1")
    assert finding.entries == (CompatEntry("cfi.pflash01", "old-handling", "on"),)


def test_a_dead_entry_for_another_architecture_is_harmless() -> None:
    dead = CompatEntry("pl011", "migrate-clk", "off")
    (finding,) = found("entry_driver_missing", reported({"7.1": (dead,)}))
    assert finding.severity == "harmless"


def test_a_dead_entry_for_a_type_of_the_other_build_is_harmless() -> None:
    dead = CompatEntry("cfi.pflash01", "old-handling", "on")
    old = reported({}, FLASH, name="old")
    (finding,) = found("entry_driver_missing", reported({"7.1": (dead,)}), old)
    assert finding.severity == "harmless"
    assert "old has it" in finding.explanation


def test_several_dead_entries_of_one_driver_are_one_finding() -> None:
    dead = (CompatEntry("none", "a", "1"), CompatEntry("none", "b", "1"))
    (finding,) = found("entry_driver_missing", reported({"7.1": dead}))
    assert finding.property == "a, b"


def test_an_entry_for_a_parent_is_not_dead() -> None:
    entry = CompatEntry("pci-device", "vectors", "0")
    assert found("entry_driver_missing", reported({"7.1": (entry,)})) == []


def test_an_entry_that_reaches_a_type_without_the_property_aborts() -> None:
    bare = msgspec.structs.replace(TRANSITIONAL, properties={"period": "1"})
    entry = CompatEntry("rng-pci-base", "vectors", "0")
    (finding,) = found("entry_property_missing", reported({"7.1": (entry,)}, DEVICE, bare))
    assert (finding.severity, finding.types) == ("breaks", ("rng-pci-transitional",))
    assert finding.entries == (VECTORS,)


def test_an_entry_whose_types_all_have_the_property_is_silent() -> None:
    entry = CompatEntry("rng-pci-base", "vectors", "0")
    facts = reported({"7.1": (entry,)}, DEVICE, TRANSITIONAL)
    assert found("entry_property_missing", facts) == []


def test_an_entry_that_leaves_out_a_variant_is_found() -> None:
    facts = reported({"7.1": (VECTORS,)}, DEVICE, TRANSITIONAL)
    (finding,) = found("sibling_entry_missing", facts)
    assert (finding.certainty, finding.types) == ("likely", ("rng-pci-transitional",))
    assert finding.entries == (CompatEntry("rng-pci-transitional", "vectors", "0"),)


def test_an_entry_for_each_variant_is_silent() -> None:
    other = CompatEntry("rng-pci-transitional", "vectors", "0")
    facts = reported({"7.1": (VECTORS, other)}, DEVICE, TRANSITIONAL)
    assert found("sibling_entry_missing", facts) == []


def test_a_sibling_with_another_default_did_not_change() -> None:
    other = msgspec.structs.replace(TRANSITIONAL, properties={"vectors": "3"})
    assert found("sibling_entry_missing", reported({"7.1": (VECTORS,)}, DEVICE, other)) == []


def test_siblings_whose_defaults_nobody_knows_prove_nothing() -> None:
    untold = [
        msgspec.structs.replace(each, properties={"vectors": None})
        for each in (DEVICE, TRANSITIONAL)
    ]
    assert found("sibling_entry_missing", reported({"7.1": (VECTORS,)}, *untold)) == []


def test_a_variant_that_came_after_the_release_had_no_guests() -> None:
    facts = reported({"3.1": (VECTORS,)}, DEVICE, TRANSITIONAL, releases=("4.0", "3.1"))
    assert found("sibling_entry_missing", facts) == []


def test_an_entry_of_which_nothing_is_known_is_not_called_right() -> None:
    mute = msgspec.structs.replace(DEVICE, properties={})
    (finding,) = found("entry_unproven", reported({"7.1": (VECTORS,)}, mute))
    assert finding.severity == "unknown"
    assert found("entry_unproven", reported({"7.1": (VECTORS,)})) == []


def test_a_build_without_tables_is_told_as_unknown() -> None:
    (finding,) = found("entry_unproven", observed({"7.1": "0"}))
    assert finding.severity == "unknown"
    assert "does not report its tables" in finding.explanation


def test_a_release_with_a_point_shares_the_table() -> None:
    facts = reported(
        {"5.0.1": (VECTORS,), "5.0": (VECTORS,)},
        DEVICE,
        TRANSITIONAL,
        releases=("5.1", "5.0.1", "5.0"),
    )
    (finding,) = found("sibling_entry_missing", facts)
    assert finding.table == "hw_compat_5_0"
