"""Whatever becomes of a scenario's text, it is read or refused in words."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcompat.errors import FileFormatError
from qcompat.machine.scenario.migrate import accepts
from qcompat.machine.scenario.read import read
from qcompat.machine.scenario.work_out import work_out
from tests.machine.scenario.worlds import PAGES, example

EXAMPLES = [path.read_text() for path in sorted(PAGES.glob("*.toml"))]
WORDS = ["1", '"x"', "[]", "{}", "true", "[{}]", "[1]", "1.5", "2020-01-01", '[["a", "b", "c"]]']


@pytest.mark.parametrize("text", EXAMPLES)
def test_a_lost_line_is_refused_or_makes_another_scenario(text: str) -> None:
    lines = text.splitlines()
    for number in range(len(lines)):
        with contextlib.suppress(FileFormatError):
            work_out(read("\n".join(lines[:number] + lines[number + 1 :])))


@settings(max_examples=300)
@given(st.sampled_from(EXAMPLES), st.data())
def test_any_value_in_place_of_another_is_refused_or_taken(text: str, data: st.DataObject) -> None:
    lines = text.splitlines()
    places = [number for number, line in enumerate(lines) if " = " in line]
    place = data.draw(st.sampled_from(places))
    key = lines[place].partition(" = ")[0]
    lines[place] = f"{key} = {data.draw(st.sampled_from(WORDS))}"
    with contextlib.suppress(FileFormatError):
        work_out(read("\n".join(lines)))


@pytest.mark.parametrize("name", ["num-queues", "error-mask", "queue-size"])
def test_a_guest_can_always_stay_where_it_was_born(name: str) -> None:
    worked = example(name)
    for outcome in (worked.before, worked.after):
        assert outcome is not None
        for cell in outcome.cells:
            if cell.source == cell.target and not cell.case.lacking:
                assert cell.verdict == "ok"


@given(st.integers(0, 4096), st.integers(0, 4096))
def test_what_is_at_least_refuses_one_way_only(one: int, other: int) -> None:
    ways = accepts("at-least", str(one), str(other)), accepts("at-least", str(other), str(one))
    assert ways == (one <= other, other <= one)
    assert accepts("equal", str(one), str(other)) == (one == other)
