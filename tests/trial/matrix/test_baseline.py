"""What a gate for packagers calls worse, better, and not known."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given

from qcompat.errors import UsageError
from qcompat.trial.matrix.baseline import Change, What, change_since
from qcompat.trial.matrix.cell import Cell, Matrix
from tests.report.matrix.matrices import cell, finding, matrices, matrix, real

OK = cell()
ACPI = finding("acpi_table_changed", tables=("FACP",))
BAR = finding("bar_changed", register="BAR 0", source="absent", target="memory, 0x1000 bytes")
DRIFT = cell(predicted="drift", reasons=(ACPI,))
DRIFTS_MORE = cell(predicted="drift", reasons=(ACPI, BAR))
DRIFTS_OTHERWISE = cell(predicted="drift", reasons=(BAR,))
OLDER = cell(predicted="drift", reasons=("The guest sees the ACPI tables of the target",))
UNKNOWN = cell(predicted="unknown")
FALSE_ALARM = cell(predicted="blocked")
FLAKY = cell(counts={"loaded": 2, "refused": 1})
REFUSED = cell(kind="refused", predicted="blocked")
NO_START = cell(kind="no_start", predicted="blocked")
CRASHED = cell(kind="crashed", predicted="blocked")
HUNG = cell(kind="hung", predicted="blocked")


@pytest.mark.parametrize(
    ("then", "now", "what"),
    [
        (OK, REFUSED, "worse"),
        (OK, FLAKY, "worse"),
        (FLAKY, REFUSED, "changed"),
        (REFUSED, CRASHED, "worse"),
        (NO_START, HUNG, "worse"),
        (OK, DRIFT, "worse"),
        (DRIFT, DRIFTS_MORE, "worse"),
        (OK, UNKNOWN, "unproven"),
        (DRIFT, UNKNOWN, "unproven"),
        (OK, FALSE_ALARM, "unproven"),
        (REFUSED, OK, "better"),
        (REFUSED, DRIFT, "better"),
        (REFUSED, FLAKY, "better"),
        (FLAKY, OK, "better"),
        (CRASHED, REFUSED, "better"),
        (DRIFT, OK, "better"),
        (DRIFTS_MORE, DRIFT, "better"),
        (UNKNOWN, OK, "better"),
        (UNKNOWN, DRIFT, "changed"),
        (DRIFT, DRIFTS_OTHERWISE, "changed"),
        (OLDER, DRIFTS_MORE, "worse"),
        (REFUSED, NO_START, "changed"),
        (CRASHED, HUNG, "changed"),
    ],
)
def test_one_cell_then_and_now(then: Cell, now: Cell, what: What) -> None:
    change = change_since(matrix(then), matrix(now))
    assert [shift.what for shift in change.shifts] == [what]


def test_other_words_for_the_same_reason_are_no_change() -> None:
    change = change_since(matrix(OLDER), matrix(DRIFT))
    assert (change.same, change.shifts) == (1, ())


@pytest.mark.parametrize("each", [OK, DRIFT, UNKNOWN, FLAKY, REFUSED, CRASHED])
def test_what_stands_as_it_stood_is_no_change(each: Cell) -> None:
    assert change_since(matrix(each), matrix(each)).same == 1


@given(matrices())
def test_a_matrix_is_no_change_to_itself(any_matrix: Matrix) -> None:
    change = change_since(any_matrix, any_matrix)
    assert change.shifts == ()
    assert change.answer == "kept"


@given(matrices(), matrices())
def test_every_cell_of_both_is_accounted_for_once(then: Matrix, now: Matrix) -> None:
    try:
        change = change_since(then, now)
    except UsageError:
        return
    before = sum(shift.before is not None for shift in change.shifts)
    after = sum(shift.after is not None for shift in change.shifts)
    still = change.same + change.unseen
    assert (before + still, after + still) == (len(then.cells), len(now.cells))


@given(matrices(), matrices())
def test_what_got_worse_one_way_got_better_the_other(then: Matrix, now: Matrix) -> None:
    now = msgspec.structs.replace(now, builds=then.builds | now.builds)
    then = msgspec.structs.replace(then, builds=now.builds)
    there = [s.cell.key for s in change_since(then, now).of("worse") if s.before and s.after]
    back = change_since(now, then)
    assert set(there) <= {shift.cell.key for shift in back.of("better")}


def test_wording_and_times_are_not_compared() -> None:
    then = matrix(cell(kind="refused", predicted="blocked", message="at 0x55d0c0ffee"))
    now = msgspec.structs.replace(
        matrix(cell(kind="refused", predicted="blocked", message="at 0x7f00")), seconds=99
    )
    assert change_since(then, now).shifts == ()


def test_with_the_promise_loads_drift_is_no_loss() -> None:
    assert change_since(matrix(OK), matrix(DRIFT), promise="loads").answer == "kept"
    assert change_since(matrix(OK), matrix(UNKNOWN), promise="loads").answer == "kept"
    assert change_since(matrix(OK), matrix(REFUSED), promise="loads").answer == "broken"


def test_what_waits_for_a_reset_is_a_loss_only_where_that_is_asked_for() -> None:
    late = cell(predicted="drift", reasons=(msgspec.structs.replace(ACPI, when="reset"),))
    assert change_since(matrix(OK), matrix(late)).answer == "kept"
    assert change_since(matrix(OK), matrix(late), promise="unchanged").answer == "broken"
    soon = change_since(matrix(late), matrix(DRIFT), promise="unchanged")
    assert soon.answer == "broken"
    assert change_since(matrix(DRIFT), matrix(late), promise="unchanged").answer == "kept"


def test_without_a_verdict_now_loads_alone_are_compared_and_that_is_counted() -> None:
    change = change_since(matrix(DRIFT), matrix(cell(predicted=None)))
    assert (change.unseen, change.same, change.answer) == (1, 0, "kept")
    fails = cell(predicted=None, kind="refused")
    assert change_since(matrix(DRIFT), matrix(fails)).answer == "broken"


OTHER = cell(guest="nvme")


def test_a_guest_not_tried_now_does_not_pass() -> None:
    change = change_since(matrix(OK, OTHER), matrix(OK))
    assert [shift.what for shift in change.shifts] == ["unproven"]
    assert change.answer == "unknown"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nvme", "not every build has it: a-2"),
        ("nvme on pc-q35-7.2", "no build can save it: State blocked"),
        ("pc-q35-7.2 on a-2", "the build has no such machine type"),
    ],
)
def test_a_guest_that_is_left_out_now_got_worse(name: str, reason: str) -> None:
    change = change_since(matrix(OK, OTHER), matrix(OK, left_out={name: reason}))
    assert change.answer == "broken"
    assert change.shifts[0].left_out == reason


def test_what_is_left_out_for_a_new_builds_sake_is_not_lost_but_not_proven_either() -> None:
    now = matrix(OK, cell("a-1", "old"), left_out={"nvme": "not every build has it: old"})
    change = change_since(matrix(OK, OTHER), now)
    assert [shift.what for shift in change.shifts] == ["unproven", "new"]
    assert change.answer == "unknown"


def test_what_never_loaded_cannot_get_lost() -> None:
    failed = cell(guest="nvme", kind="refused", predicted="blocked")
    assert change_since(matrix(OK, failed), matrix(OK)).answer == "kept"


def test_what_is_new_has_nothing_to_be_worse_than() -> None:
    fails = cell(guest="nvme", kind="crashed")
    change = change_since(matrix(OK), matrix(OK, fails))
    assert [shift.what for shift in change.shifts] == ["new"]
    assert change.answer == "kept"


def test_a_build_that_disappeared_does_not_pass() -> None:
    change = change_since(matrix(OK, cell("a-2", "b-1")), matrix(OK))
    assert change.unmatched == ("b-1",)
    assert change.answer == "unknown"


def renamed(kind: str = "loaded") -> Change:
    now = matrix(cell("a-1", "a-3", kind=kind, predicted="ok"))
    return change_since(matrix(OK), now)


def test_the_one_build_left_over_is_the_renamed_one_and_that_is_told() -> None:
    assert renamed().builds == {"a-1": "a-1", "a-2": "a-3"}
    assert renamed().same == 1
    assert renamed("refused").answer == "broken"


def only(*builds: str) -> Matrix:
    """The real matrix as far as these builds go."""
    whole = real()
    return msgspec.structs.replace(
        whole,
        builds={name: whole.builds[name] for name in builds},
        cells=tuple(c for c in whole.cells if {c.source, c.target} <= set(builds)),
    )


def test_going_from_10_0_13_to_11_1_3_loses_the_isa_vga_and_keeps_the_rest() -> None:
    then = only("debian-7.2.22", "debian-10.0.2", "debian-10.0.13")
    now = only("debian-7.2.22", "debian-10.0.2", "debian-11.1.3")
    change = change_since(then, now, promise="loads")
    assert change.builds["debian-10.0.13"] == "debian-11.1.3"
    lost = {shift.cell.guest for shift in change.of("worse")}
    assert lost == {"isa-vga", "am53c974"}
