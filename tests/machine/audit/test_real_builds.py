"""What the Debian builds are known to carry is found in their facts, and nothing beside themselves.

The facts are those that come with qcompat; the breaks are those of QEMU's history, each with
its commit or the tables of the sources that show it.
"""

from __future__ import annotations

from functools import cache

import pytest

from qcompat.machine.audit import Audit, audit
from qcompat.machine.audit.registry import BETWEEN
from qcompat.machine.model import MachineFacts
from qcompat.machine.store import read_facts, shipped

pytestmark = pytest.mark.skipif(not shipped(), reason="this tree comes without facts of builds")

BUILDS = ("5.2.0", "7.2.22", "10.0.2", "10.0.13", "11.1.3")


@cache
def facts(version: str) -> MachineFacts:
    return read_facts(shipped()[f"debian-{version}"])


@cache
def findings(version: str, against: str) -> tuple[Audit, ...]:
    return audit(facts(version), [facts(against)])


def one(version: str, against: str, lint: str, property: str) -> Audit:
    found = [
        each
        for each in findings(version, against)
        if each.lint == lint and property in each.property.split(", ")
    ]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("version", BUILDS)
def test_nothing_lies_between_a_build_and_itself(version: str) -> None:
    between = {lint for lint, _ in BETWEEN}
    assert not between & {finding.lint for finding in findings(version, version)}


@pytest.mark.parametrize("version", ["7.2.22", "10.0.2", "10.0.13"])
def test_use_disabled_flag_moved_from_4_1_to_4_2(version: str) -> None:
    """hw_compat_4_1 in hw/core/machine.c of 5.2.0, hw_compat_4_2 in that of 7.2."""
    finding = one(version, "5.2.0", "entry_release_changed", "use-disabled-flag")
    assert finding.machines == ("pc-q35-4.2", "pc-i440fx-4.2")
    assert finding.table == "hw_compat_4_2"


@pytest.mark.parametrize("version", ["7.2.22", "10.0.2", "10.0.13"])
def test_5_2_lacks_the_entry_for_ats_page_aligned(version: str) -> None:
    """d83f46d189, 6.0, in hw_compat_5_1."""
    finding = one(version, "5.2.0", "entry_added_late", "x-ats-page-aligned")
    assert (finding.driver, finding.table) == ("virtio-pci", "hw_compat_5_1")


def test_the_opregion_of_vfio_changed_without_an_entry() -> None:
    """x-igd-opregion of hw/vfio/pci.c: off in 10.0, on in 11.1, in no table of either."""
    finding = one("11.1.3", "10.0.13", "default_changed", "x-igd-opregion")
    assert (finding.value, finding.reference) == ("on", "off")
    assert finding.table == "hw_compat_10_0"


def test_10_0_2_and_10_0_13_give_every_machine_type_the_same() -> None:
    lints = {finding.lint for finding in findings("10.0.13", "10.0.2")}
    assert not lints & {"default_changed", "entry_added_late", "entry_release_changed"}


@pytest.mark.parametrize("property", ["disable-acs", "migrate-extra", "x-disable-pcie"])
def test_11_1_lost_properties_that_marks_may_set(property: str) -> None:
    finding = one("11.1.3", "10.0.13", "property_missing", property)
    assert finding.severity == "suspicious"


def test_dead_entries_are_told_from_those_of_other_binaries() -> None:
    dead = {
        finding.driver: finding
        for finding in findings("10.0.13", "5.2.0")
        if finding.lint == "entry_driver_missing"
    }
    suspicious = {name for name, each in dead.items() if each.severity == "suspicious"}
    assert suspicious == {"pflash_cfi01", "vhost-blk-device"}
    assert [entry.driver for entry in dead["pflash_cfi01"].entries] == ["cfi.pflash01"]


@pytest.mark.parametrize("version", BUILDS)
def test_no_released_build_aborts(version: str) -> None:
    lints = {finding.lint for finding in findings(version, version)}
    assert "entry_property_missing" not in lints
