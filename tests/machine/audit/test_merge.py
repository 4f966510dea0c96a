"""Findings of several references."""

from __future__ import annotations

from qcompat.machine.audit import Audit
from qcompat.machine.audit.merge import merged


def finding(against: str, types: tuple[str, ...], machines: tuple[str, ...], table: str) -> Audit:
    return Audit(
        lint="default_changed",
        severity="breaks",
        certainty="certain",
        explanation="It changed",
        driver="",
        property="events",
        types=types,
        machines=machines,
        value="7",
        reference="3",
        against=(against,),
        table=table,
    )


OLD = finding("old", ("pvpanic",), ("pc-5.2",), "hw_compat_5_2")
NEW = finding("new", ("pvpanic", "pvpanic-pci"), ("pc-7.2", "pc-5.2"), "hw_compat_7_2")


def test_the_reference_that_shows_most_speaks_for_all() -> None:
    (one,) = merged([OLD, NEW])
    assert (one.table, one.machines) == ("hw_compat_7_2", ("pc-7.2", "pc-5.2"))
    assert one.types == ("pvpanic", "pvpanic-pci")
    assert one.against == ("old", "new")
    assert one.explanation == "It changed. The same shows beside old"


def test_types_apart_are_causes_apart() -> None:
    other = finding("new", ("edu",), ("pc-7.2",), "hw_compat_7_2")
    assert len(merged([OLD, other])) == 2


def test_two_findings_beside_one_reference_stay_two() -> None:
    assert len(merged([OLD, finding("old", ("pvpanic",), ("pc-5.1",), "hw_compat_5_1")])) == 2
