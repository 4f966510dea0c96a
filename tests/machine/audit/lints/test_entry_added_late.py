"""Entries in a release's table that another build of that release lacks."""

from __future__ import annotations

import msgspec

from qcompat.machine.audit import audit
from qcompat.machine.model import CompatEntry
from tests.machine.audit.handmade import DEVICE, observed, reported

LINT = "entry_added_late"
ENTRY = CompatEntry("rng-pci", "vectors", "0")
BARE = msgspec.structs.replace(DEVICE, properties={"period": "1"})


def test_a_value_that_only_this_build_keeps_for_old_machine_types() -> None:
    new = observed({"7.2": "2", "7.1": "0", "7.0": "0"}, name="new")
    (finding, *_) = audit(new, [observed({"7.2": "2", "7.1": "2", "7.0": "2"})])
    assert (finding.lint, finding.severity, finding.certainty) == (LINT, "breaks", "certain")
    assert (finding.table, finding.entries) == ("hw_compat_7_1", (ENTRY,))
    assert finding.machines == ("pc-q35-7.1", "pc-q35-7.0")
    assert finding.against == ("other",)


def test_an_entry_whose_property_the_other_build_lacks_though_it_has_the_table() -> None:
    new = reported({"7.1": (ENTRY,)})
    found = audit(new, [reported({}, BARE, name="old")])
    (finding,) = (each for each in found if each.lint == LINT)
    assert finding.certainty == "possible"
    assert finding.types == ("rng-pci",)


def test_an_entry_for_the_other_builds_newest_release_is_in_time() -> None:
    new = reported({"7.1": (ENTRY,)})
    found = audit(new, [reported({}, BARE, name="old", releases=("7.1", "7.0"))])
    assert LINT not in {finding.lint for finding in found}


def test_an_entry_of_both_is_silent() -> None:
    new, old = reported({"7.1": (ENTRY,)}), reported({"7.1": (ENTRY,)}, name="old")
    assert LINT not in {finding.lint for finding in audit(new, [old])}


def test_an_untold_table_may_have_the_entry() -> None:
    untold = msgspec.structs.replace(DEVICE, properties={"vectors": None})
    new = reported({"7.1": (ENTRY,)}, untold)
    old = observed({"7.2": None, "7.1": None}, untold)
    assert LINT not in {finding.lint for finding in audit(new, [old])}


def test_an_entry_without_a_known_default_is_missed_in_a_told_table() -> None:
    untold = msgspec.structs.replace(DEVICE, properties={"vectors": None})
    found = audit(reported({"7.1": (ENTRY,)}, untold), [reported({}, untold, name="old")])
    (finding,) = (each for each in found if each.lint == LINT)
    assert finding.certainty == "likely"


def test_a_type_that_tells_nothing_proves_nothing() -> None:
    mute = msgspec.structs.replace(DEVICE, properties={})
    found = audit(reported({"7.1": (ENTRY,)}), [reported({}, mute, name="old")])
    assert LINT not in {finding.lint for finding in found}


def test_what_a_device_makes_of_another_property_has_no_entry() -> None:
    sized = msgspec.structs.replace(DEVICE, properties={"romsize": "-1"})
    new = observed({"7.2": "2", "7.1": "1", "7.0": "1"}, sized, name="new", property="romsize")
    old = observed({"7.2": None, "7.1": None, "7.0": None}, BARE)
    assert LINT not in {finding.lint for finding in audit(new, [old])}


def test_a_step_that_was_only_seen_counts_where_the_other_build_lacks_the_property() -> None:
    new = observed({"7.2": "2", "7.1": "0", "7.0": "0"}, name="new")
    old = observed({"7.2": None, "7.1": None, "7.0": None}, BARE)
    (finding,) = (each for each in audit(new, [old]) if each.lint == LINT)
    assert (finding.certainty, finding.table) == ("possible", "hw_compat_7_1")
