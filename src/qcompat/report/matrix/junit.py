"""A matrix as JUnit XML: a suite for each way (machine type, source, target), a case a guest.

A case fails where the guest does not load; a verdict that the trial contradicts, and a flaky
outcome, are failures of their own type, whose counts stand in the case's properties. With a
baseline only what got worse fails, what is not proven any more is an error, and what fails as
it did before is skipped, so that a red test always is news.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from junitparser import Error, Failure, JUnitXml, Properties, Property, Skipped, TestCase, TestSuite
from junitparser.junitparser import FinalResult

from qcompat.app.matrix.matrix import MatrixAnswer
from qcompat.report.matrix.change import shift_text
from qcompat.report.matrix.reason import against, flaky_reason, happened, reason_of, reasons_of
from qcompat.report.matrix.tally import Place
from qcompat.report.output import Output
from qcompat.trial.matrix.baseline import Change, Shift
from qcompat.trial.matrix.cell import Cell, Matrix, rank, status_of

Key = tuple[str, str, str, str]
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (2.2) has no place for, not even escaped."""


def write(answer: MatrixAnswer, out: Output) -> None:
    """The document; with a change, of what changed since its baseline."""
    matrix, change = answer.matrix, answer.change
    document = JUnitXml("qcompat matrix")
    for (machine, source, target), cases in _suites(matrix, change).items():
        suite = TestSuite(clean(f"{machine}: {source} → {target}"))
        suite.add_testcases(cases)
        document.add_testsuite(suite)
    if matrix.left_out:
        suite = TestSuite("left out")
        suite.add_testcases([_left_out(guest, why) for guest, why in matrix.left_out.items()])
        document.add_testsuite(suite)
    document.update_statistics()
    out.write_utf8(f"{_DECLARATION}{document.tostring().decode()}\n")


def clean(text: str) -> str:
    r"""The text with what XML cannot hold written as `\x1b`."""
    return _NO_XML.sub(lambda found: f"\\x{ord(found.group()):02x}", text)


def _suites(matrix: Matrix, change: Change | None) -> dict[Place, list[TestCase]]:
    shifts = {shift.after.key: shift for shift in change.shifts if shift.after} if change else {}
    found: dict[Place, list[TestCase]] = {}
    for cell in matrix.cells:
        results = _since(cell, shifts) if change else _alone(cell)
        _add(found, cell, results)
    for shift in change.shifts if change else ():
        if shift.before and not shift.after:
            _add(found, shift.before, _gone(shift, change.unmatched if change else ()))
    return found


def _add(found: dict[Place, list[TestCase]], cell: Cell, results: list[FinalResult]) -> None:
    place = (cell.machine, cell.source, cell.target)
    found.setdefault(place, []).append(_case(cell, results))


def _case(cell: Cell, results: list[FinalResult]) -> TestCase:
    case = TestCase(clean(cell.guest), clean(f"{cell.machine}.{cell.source}.{cell.target}"))
    values = {
        "predicted": cell.predicted or "",
        "when": cell.when or "",
        "outcome": cell.outcome.kind,
        "remedy": cell.remedy,
        **{f"seen.{kind}": str(count) for kind, count in cell.counts.items()},
    }
    properties = Properties()
    for name, value in values.items():
        if value:
            properties.add_property(Property(clean(name), clean(value)))
    case.append(properties)
    case.result = results
    return case


def _alone(cell: Cell) -> list[FinalResult]:
    """What is wrong with a cell by itself: at most one result, as readers of JUnit expect."""
    if cell.is_flaky:
        return [_result(Failure, "flaky", flaky_reason(cell), cell)]
    if cell.contradicts:
        return [_result(Failure, "contradicts", against(cell), cell)]
    if cell.is_untried:
        return [_result(Error, "untried", reason_of(cell), cell)]
    if not cell.outcome.loads:
        return [_result(Failure, cell.outcome.kind, reason_of(cell), cell)]
    return []


def _since(cell: Cell, shifts: Mapping[Key, Shift]) -> list[FinalResult]:
    """What is news of a cell; a failure that is none is `known`, or `new` where nothing was."""
    shift = shifts.get(cell.key)
    what = shift.what if shift else "same"
    if shift and what == "worse":
        return [_result(Failure, "worse", shift_text(shift), cell)]
    if shift and what == "unproven":
        return [_result(Error, "unproven", shift_text(shift), cell)]
    if rank(status_of(cell)):
        kind = "new" if what == "new" else "known"
        return [_result(Skipped, kind, f"{kind}: {reason_of(cell) or happened(cell)}", cell)]
    return []


def _gone(shift: Shift, unmatched: tuple[str, ...]) -> list[FinalResult]:
    """A cell of the baseline that was not tried now: it must not vanish from the report."""
    kinds = {"worse": Failure, "unproven": Error}
    return [
        _result(
            kinds.get(shift.what, Skipped), shift.what, shift_text(shift, unmatched), shift.cell
        )
    ]


def _result(kind: type[FinalResult], type_: str, message: str, cell: Cell) -> FinalResult:
    result = kind(clean(message), type_)
    parts = (*reasons_of(cell), cell.outcome.message, cell.remedy and f"remedy: {cell.remedy}")
    result.text = clean("\n\n".join(part for part in parts if part))
    return result


def _left_out(guest: str, why: str) -> TestCase:
    case = TestCase(clean(guest), "left-out")
    case.result = [Skipped(clean(why) or "left out", "left-out")]
    return case
