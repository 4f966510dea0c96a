"""One entry in the tables of two releases."""

from __future__ import annotations

import msgspec

from qcompat.machine.audit import audit
from qcompat.machine.model import CompatEntry
from tests.machine.audit.handmade import DEVICE, observed, reported

LINT = "entry_release_changed"
ENTRY = CompatEntry("rng-pci", "vectors", "0")


def test_values_that_differ_between_two_releases_only() -> None:
    new = observed({"7.2": "2", "7.1": "0", "7.0": "0"}, name="new")
    (finding, *_) = audit(new, [observed({"7.2": "2", "7.1": "2", "7.0": "0"})])
    assert (finding.lint, finding.machines) == (LINT, ("pc-q35-7.1",))
    assert finding.table == "hw_compat_7_1"
    assert "the other in hw_compat_7_0" in finding.explanation


def test_tables_tell_where_no_default_is_known() -> None:
    untold = msgspec.structs.replace(DEVICE, properties={"vectors": None})
    new = reported({"7.1": (ENTRY,)}, untold)
    old = reported({"7.0": (ENTRY,)}, untold, name="old")
    (finding,) = (each for each in audit(new, [old]) if each.lint == LINT)
    assert (finding.severity, finding.machines) == ("suspicious", ("pc-q35-7.1",))


def test_one_release_on_both_is_silent() -> None:
    new = observed({"7.2": "2", "7.1": "0"}, name="new")
    found = audit(new, [observed({"7.2": "2", "7.1": "0"})])
    assert LINT not in {finding.lint for finding in found}
