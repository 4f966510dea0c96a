"""One cause gives one finding."""

from __future__ import annotations

from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.subject import GUEST, Subject
from qcompat.verdict.causes import fold, without_settings

SECTION = "section_missing_on_target"
FUNCTION = "pci_function_missing_on_target"


def finding(rule: str, device: str = "nic", what: str = "", *, undecided: bool = False) -> Finding:
    evidence = (Evidence(what or rule, "1", None),)
    subject = Subject("device", device) if device else GUEST
    return Finding(rule, "loads", "certain", subject, {}, evidence, undecided=undecided)


def test_missing_device_explains_what_is_missing_with_it() -> None:
    (kept,) = fold([finding(SECTION), finding(FUNCTION)])
    assert (kept.rule, [each.what for each in kept.evidence]) == (SECTION, [SECTION, FUNCTION])


def test_order_of_findings_does_not_matter() -> None:
    (kept,) = fold([finding(FUNCTION), finding(SECTION)])
    assert kept.rule == SECTION


def test_findings_of_other_devices_are_kept_apart() -> None:
    assert len(fold([finding(SECTION, "nic"), finding(FUNCTION, "disk")])) == 2


def test_findings_of_the_whole_guest_are_kept_apart() -> None:
    assert len(fold([finding(SECTION, ""), finding(FUNCTION, "")])) == 2


def test_open_finding_explains_nothing() -> None:
    assert len(fold([finding(SECTION, undecided=True), finding(FUNCTION)])) == 2


def test_note_is_left_out_where_a_graver_finding_names_the_same() -> None:
    note = finding("property_changed", what="property nic.vectors")
    grave = finding("pci_register_changed", what="property nic.vectors")
    assert without_settings([grave, note]) == (grave,)
    assert without_settings([note]) == (note,)
