"""A matrix at a terminal: the counts are true, the causes are told, nothing is lost."""

from __future__ import annotations

import io
import re

import msgspec
import pytest

from qcompat.report.matrix.change import counts, shift_text, write_change
from qcompat.report.matrix.grid import SIGNS
from qcompat.report.matrix.tally import failing, groups, machines
from qcompat.report.output import Output
from qcompat.trial.matrix.baseline import Change, change_since
from qcompat.trial.matrix.cell import STATUSES, Matrix, status_of
from tests.report.matrix.matrices import HOSTILE, ODD, cell, matrix, real, written

WIDTHS = [20, 40, 80, 200]


def shown(each: Matrix, *, width: int = 120, verbose: bool = False) -> str:
    return written("text", each, width=width, verbose=verbose)


def changed(change: Change, *, width: int = 120, verbose: bool = False) -> str:
    out = io.StringIO()
    write_change(change, Output(out, width=width, verbose=verbose))
    return out.getvalue()


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_first_line_says_how_many_fail() -> None:
    first = shown(real()).splitlines()[0]
    assert first == (
        "624 migrations: 536 load, 88 fail, 5 contradict their verdict, with kvm, in 44 s "
        "[exit 0: --promise loads]"
    )


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("each", [ODD, real()], ids=["odd", "real"])
def test_the_fields_add_up_to_all_cells_at_any_width(each: Matrix, width: int) -> None:
    text = shown(each, width=width)
    for where in STATUSES:
        sign = re.escape(SIGNS[where][0])
        found = sum(int(count) for count in re.findall(rf"(?<!\S){sign}(\d+)(?!\S)", text))
        assert found == sum(status_of(one) == where for one in each.cells), where


@pytest.mark.parametrize("width", WIDTHS)
def test_every_reason_guest_and_build_is_told_at_any_width(width: int) -> None:
    text = squeezed(shown(real(), width=width, verbose=True))
    for group in groups(failing(real().cells)):
        assert squeezed(group.reason) in text
        assert all(squeezed(guest) in text for guest in group.guests)
    assert all(squeezed(name) in text for name in real().builds)
    assert all(squeezed(why) in text for why in real().left_out.values())


def test_what_goes_against_its_verdict_comes_before_what_fails() -> None:
    text = shown(ODD)
    assert text.index("contradict their verdict (") < text.index("flaky:") < text.index("by reason")
    assert "predicted ok, but the target crashes: signal 11" in text


def test_a_flaky_cell_is_told_with_its_counts() -> None:
    assert "3 loaded, 1 refused" in shown(ODD)


def test_a_matrix_in_which_all_is_well_is_short() -> None:
    text = shown(matrix(cell(), cell("a-2", "a-1")))
    assert "fail" not in text
    assert len(text.splitlines()) == 9


def test_many_reasons_are_counted_unless_all_are_asked_for() -> None:
    assert "11 more reasons of 29 cells" in shown(real())
    assert "more reasons" not in shown(real(), verbose=True)


def test_nothing_that_qemu_says_reaches_the_terminal_as_it_is() -> None:
    text = shown(ODD, verbose=True)
    assert "\x1b" not in text and "\x00" not in text
    assert squeezed(HOSTILE.partition("\x1b")[0]) in squeezed(text)


def test_no_line_ends_in_blanks() -> None:
    for line in shown(real(), width=60).splitlines():
        assert line == line.rstrip()


def test_a_machine_type_shows_its_own_builds_only() -> None:
    of_q35 = shown(real()).partition("pc-q35-7.2 ")[2].partition("\n\n")[0]
    assert machines(real()) == ("pc-i440fx-5.2", "pc-q35-7.2")
    assert "5.2.0" not in of_q35


def test_ways_of_a_group_are_its_pairs_and_no_others() -> None:
    for group in groups(real().cells):
        told = {(s, t) for sources, targets in group.ways for s in sources for t in targets}
        assert told == {(one.source, one.target) for one in group.cells}


WORSE = change_since(
    matrix(cell(), cell(guest="nvme"), cell(guest="igb"), cell("b-1", "a-1")),
    matrix(
        cell(kind="refused", predicted="blocked", reasons=("state is missing",)),
        cell(guest="nvme", predicted="drift", reasons=("BAR moved",)),
        cell(guest="new-one"),
        left_out={"igb": "no such device"},
    ),
)


def test_what_got_worse_is_told_with_then_now_and_why() -> None:
    text = changed(WORSE)
    assert "3 worse, 1 no longer proven, 1 new, 0 as before" in text
    assert "loaded, no change, now fails: state is missing" in text
    assert "now left out: no such device" in text
    assert (
        text.index("state is missing") < text.index("BAR moved") < text.index("not tried: no b-1")
    )


def test_a_build_without_a_partner_is_told_with_what_to_do() -> None:
    assert "b-1 is not in this run (--same b-1=NEW)" in changed(WORSE)


def test_a_renamed_build_is_told() -> None:
    change = change_since(matrix(cell()), matrix(cell("a-1", "a-3")))
    assert "a-2 is now a-3" in changed(change)
    assert counts(change) == "1 as before"


def test_loads_without_a_verdict_are_told() -> None:
    change = change_since(matrix(cell()), matrix(cell(predicted=None)))
    assert "1 load as before (no verdict now), 0 as before" in changed(change)


def test_without_a_verdict_the_reason_is_what_qemus_word_means() -> None:
    message = "QEMU ended during query-migrate: VQ 0 vring.num 1024 exceeds allocated max 256"
    each = matrix(cell(kind="refused", predicted=None, message=message))
    expected = "the target refuses the stream: its queue 0 arrives with 1024 entries"
    assert expected in shown(each)


def test_what_is_new_is_named_on_request_only() -> None:
    assert "new-one" not in changed(WORSE)
    assert "new-one" in changed(WORSE, verbose=True)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_worse_cell_is_told_at_any_width(width: int) -> None:
    text = squeezed(changed(WORSE, width=width))
    for shift in (*WORSE.of("worse"), *WORSE.of("unproven")):
        assert squeezed(shift_text(shift, WORSE.unmatched)) in text


def test_an_unchanged_matrix_says_so_in_one_line() -> None:
    again = msgspec.structs.replace(real(), seconds=1)
    assert changed(change_since(real(), again)).strip() == "baseline  624 as before"
