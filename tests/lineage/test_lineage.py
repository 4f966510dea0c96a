"""What folding events makes: laws for any order of events, and the transitions that cannot be."""

from __future__ import annotations

from functools import reduce

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.errors import UsageError
from qcompat.lineage.event import Event, Moved, Off, Rehearsed, Reset
from qcompat.lineage.lineage import Lineage, after, fold
from tests.lineage.events import IDENTITY, MASK, SIZE, moved, started

_settings = st.sets(st.sampled_from([MASK, SIZE])).map(tuple)
_hows = st.sampled_from(["set", "default", "absent"])
_moves = st.builds(
    lambda build, settings, how: moved(build, *settings, how=how),
    st.sampled_from("abcd"),
    _settings,
    _hows,
)
_life: st.SearchStrategy[list[Event]] = st.lists(st.one_of(_moves, st.just(Reset("r"))))


@given(_life)
def test_off_clears_everything(events: list[Event]) -> None:
    assert fold("g", [started(), *events, Off("end")]).cycle is None


@given(_life, _life)
def test_a_guest_that_was_off_is_born_as_if_it_had_never_been(
    before: list[Event], later: list[Event]
) -> None:
    again = fold("g", [started(), *before, Off("end"), started(), *later])
    assert again.cycle == fold("g", [started(), *later]).cycle


@given(_life)
def test_a_reset_never_changes_marks_nor_where_the_guest_lives(events: list[Event]) -> None:
    powered_on = fold("g", [started(), *events])
    reset = after(powered_on, Reset("r"))
    assert powered_on.cycle is not None
    assert reset.cycle is not None
    assert reset.cycle.marks == powered_on.cycle.marks
    assert reset.cycle.current.build == powered_on.cycle.current.build


@given(_life)
def test_a_rehearsal_stays_with_the_build_it_went_out_from_and_changes_nothing_else(
    events: list[Event],
) -> None:
    tried = Rehearsed("t", "z", IDENTITY, "refused", "too large")
    lineage = fold("g", [started(), *events])
    assert lineage.cycle is not None
    grown = after(lineage, tried).cycle
    assert grown is not None
    assert grown.current.rehearsals == (tried,)
    here = msgspec.structs.replace(grown.current, rehearsals=())
    assert (*grown.placements[:-1], here) == lineage.cycle.placements
    assert grown.marks == lineage.cycle.marks
    moved_on = fold("g", [started(), *events, tried, moved("y")]).cycle
    assert moved_on is not None
    assert moved_on.current.rehearsals == ()


@given(_life, _moves)
def test_no_move_takes_a_mark_away(events: list[Event], move: Moved) -> None:
    powered_on = fold("g", [started(), *events])
    assert powered_on.cycle is not None
    grown = after(powered_on, move).cycle
    assert grown is not None
    assert {m.setting for m in powered_on.cycle.marks} <= {m.setting for m in grown.marks}


@given(st.lists(st.sampled_from("abcd")), st.randoms())
def test_the_order_of_moves_without_effect_makes_no_marks_differ(
    builds: list[str], random: object
) -> None:
    first: list[Event] = [started(), moved("b", MASK)]
    shuffled = sorted(builds, key=lambda _: random.random())  # type: ignore[attr-defined]
    one = fold("g", [*first, *(moved(build) for build in builds)]).cycle
    other = fold("g", [*first, *(moved(build) for build in shuffled)]).cycle
    assert one is not None
    assert other is not None
    assert one.marks == other.marks


@given(_life)
def test_folding_is_one_event_after_the_other(events: list[Event]) -> None:
    whole = [started(), *events]
    assert fold("g", whole) == reduce(after, whole, Lineage("g"))


def test_a_mark_is_kept_over_builds_where_it_is_default_or_absent() -> None:
    lineage = fold(
        "g",
        [
            started(),
            moved("b", MASK),
            moved("c", MASK, how="default"),
            moved("d", MASK, how="absent"),
            Reset("r"),
        ],
    )
    assert lineage.cycle is not None
    assert [(mark.setting, mark.build) for mark in lineage.cycle.marks] == [(MASK, "b")]


def test_what_a_build_had_to_be_spared_is_no_mark() -> None:
    import msgspec

    spared = msgspec.structs.replace(MASK, removes=True)
    lineage = fold("g", [started(), moved("b", spared)])
    assert lineage.cycle is not None
    assert lineage.cycle.marks == ()


@pytest.mark.parametrize("event", [moved("b"), Reset("r"), Off("o")])
@pytest.mark.parametrize("before", [[], [started(), Off("o")]])
def test_nothing_happens_to_a_guest_that_is_not_on(before: list[Event], event: Event) -> None:
    with pytest.raises(UsageError) as caught:
        fold("g", [*before, event])
    assert "qcompat guest start g" in caught.value.hint


def test_a_guest_is_not_started_twice() -> None:
    with pytest.raises(UsageError, match="on already") as caught:
        fold("g", [started(), started()])
    assert "qcompat guest off g" in caught.value.hint
