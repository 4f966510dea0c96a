"""Laws of delta debugging: what is left holds, and no single member of it can go."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from qcompat.verdict.search.minimise import minimise

Holds = Callable[[tuple[int, ...]], bool]


def _narrowed(items: tuple[int, ...], holds: Holds) -> tuple[tuple[int, ...], int]:
    """What is left of the items, and how many parts were tried."""
    search, tried = minimise(items), 0
    try:
        parts = next(search)
        while True:
            tried += len(parts)
            parts = search.send(tuple(holds(part) for part in parts))
    except StopIteration as end:
        return end.value, tried


@given(st.integers(1, 60), st.data())
def test_exactly_what_is_needed_is_left(count: int, data: st.DataObject) -> None:
    items = tuple(range(count))
    needed = data.draw(st.sets(st.sampled_from(items), min_size=1))
    left, _ = _narrowed(items, lambda part: needed <= set(part))
    assert set(left) == needed


@given(st.lists(st.sets(st.integers(0, 11), min_size=1, max_size=4), min_size=1, max_size=4))
def test_of_several_ways_a_whole_one_is_left_and_nothing_of_it_can_go(ways: list[set[int]]) -> None:
    def holds(part: tuple[int, ...]) -> bool:
        return any(way <= set(part) for way in ways)

    left, _ = _narrowed(tuple(range(12)), holds)
    assert holds(left)
    assert not any(holds(tuple(x for x in left if x != gone)) for gone in left)


def test_of_two_that_do_alike_the_earlier_is_kept() -> None:
    left, _ = _narrowed((3, 9, 4), lambda part: 3 in part or 4 in part)
    assert left == (3,)


def test_one_of_a_thousand_costs_few_tries() -> None:
    left, tried = _narrowed(tuple(range(1024)), lambda part: 700 in part)
    assert left == (700,)
    assert tried <= 2 * 10
