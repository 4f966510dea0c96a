"""What is written of repairs into docs/accuracy.md."""

from __future__ import annotations

from typing import Literal

from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.subject import GUEST
from qcompat.verdict.judgement import Verdict, answer
from tools.accuracy.cases import Result
from tools.accuracy.drift_tables import drift_tables
from tools.accuracy.repairs import Repaired
from tools.accuracy.repairs_page import render_repairs
from tools.accuracy.score import Scored


def _cell(came: Literal["repaired", "unrepairable", "open"], seconds: float) -> Repaired:
    return Repaired("k", "disk", "q35", "a", "b", came, seconds, ("queue-size=1024",))


def test_shares_and_the_median_are_told_by_kind_of_guest() -> None:
    equal = [_cell("repaired", 1), _cell("repaired", 2), _cell("unrepairable", 9)]
    text = render_repairs(equal, [_cell("open", 30)])
    assert "| the same on both builds | 3 | 2 (66.7%) | 1 (33.3%) | 0 (0.0%) | 2.0 s |" in text
    assert "| different in one thing | 1 | 0 (0.0%) | 0 (0.0%) | 1 (100.0%) | 30.0 s |" in text
    assert "| **all** | 4 | 2 (50.0%) | 1 (25.0%) | 1 (25.0%) | 5.5 s |" in text
    assert "| queue-size | 2 |" in text


def test_nothing_is_said_where_nothing_was_tried() -> None:
    assert render_repairs([], []) == ""


def _scored(*findings: Finding, differs: str = "") -> Scored:
    result = Result("k", "disk", "q35", "a", "b", "loaded", "", differs)
    return Scored(result, Verdict(answer(findings), findings))


def test_drift_is_told_by_promise_and_by_when_it_takes_effect() -> None:
    late = Finding("acpi_table_changed", "unchanged", "certain", GUEST, {}, when="reset")
    now = Finding("bar_changed", "unchanged", "certain", GUEST, {}, when="now")
    note = Finding(
        *("acpi_wording_changed", "unchanged", "possible", GUEST, {}),
        (Evidence("ACPI _SB.PCI0.S10._DSM", "a", "b"), Evidence("ACPI APIC, revision", "1", "3")),
        when="reset",
    )
    text = "".join(drift_tables([_scored(), _scored(late), _scored(late, now), _scored(note)]))
    assert "| `loads` | 4 (100.0%) | 0 (0.0%) | 0 (0.0%) |" in text
    assert "| `running` (usual) | 3 (75.0%) | 1 (25.0%) | 0 (0.0%) |" in text
    assert "| `unchanged` | 2 (50.0%) | 2 (50.0%) | 0 (0.0%) |" in text
    assert "| any change | now | 1 | 25.0% |" in text
    assert "| acpi_table_changed | after a reset | 2 | 50.0% |" in text
    assert "| acpi_wording_changed | `_DSM` | 1 | 25.0% |" in text
    assert "| acpi_wording_changed | `revision` | 1 | 25.0% |" in text


def test_drift_of_guests_that_are_alike_is_told_apart_from_that_of_others() -> None:
    now = Finding("bar_changed", "unchanged", "certain", GUEST, {}, when="now")
    text = "".join(drift_tables([_scored(), _scored(now, differs="addr")]))
    both, alike = text.split("Of the first table alone")
    assert "| `running` (usual) | 1 (50.0%) | 1 (50.0%) | 0 (0.0%) |" in both
    assert "| `running` (usual) | 1 (100.0%) | 0 (0.0%) | 0 (0.0%) |" in alike
