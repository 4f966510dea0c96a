"""Group testing, with a build that refuses some types."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from qcompat.machine.observe.groups import (
    Failure,
    Group,
    GroupPlan,
    GroupResults,
    Seen,
    try_groups,
    without_refused,
)

Complaint = Callable[[Group], Failure | None]


class Launcher:
    """Says `x=on` for every type of a group, unless there is a complaint; keeps the groups."""

    def __init__(self, complaint: Complaint) -> None:
        self.groups: list[Group] = []
        self._complaint = complaint

    async def __call__(self, group: Group) -> Seen | Failure:
        self.groups.append(group)
        return self._complaint(group) or {type_: {type_: {"x": "on"}} for type_ in group}


def names(*bad: str) -> Complaint:
    """Refuses groups with one of these types, and says which."""
    return lambda group: next((Failure(f"no {t}", t) for t in group if t in bad), None)


def crashes(*bad: str) -> Complaint:
    """Refuses groups with one of these types, and does not say which."""
    return lambda group: Failure("signal 6") if set(bad) & set(group) else None


def rivals(*types: str) -> Complaint:
    """Takes one of these types in a guest, and names the second."""

    def complaint(group: Group) -> Failure | None:
        second = [type_ for type_ in group if type_ in types][1:2]
        return Failure("only one", second[0]) if second else None

    return complaint


async def results(complaint: Complaint, *groups: str) -> tuple[GroupResults, Launcher]:
    launcher = Launcher(complaint)
    return await try_groups(GroupPlan(tuple(tuple(group) for group in groups)), launcher), launcher


async def test_a_group_that_goes_is_tried_once() -> None:
    found, launcher = await results(names(), "abcd")
    assert set(found.seen) == set("abcd")
    assert launcher.groups == [tuple("abcd")]


async def test_a_type_that_is_named_is_tried_alone_and_left_out() -> None:
    found, launcher = await results(names("b"), "abcd")
    assert found.refused == {"b": "no b"}
    assert launcher.groups == [tuple("abcd"), ("b",), tuple("acd")]


async def test_a_crash_that_names_nobody_is_found_by_halving() -> None:
    found, launcher = await results(crashes("c"), "abcdefgh")
    assert found.refused == {"c": "signal 6"}
    assert set(found.seen) == set("abdefgh")
    assert len(launcher.groups) <= 9
    assert found.groups == [tuple("abdefgh")]


async def test_halves_stay_halves_where_they_do_not_go_together() -> None:
    found, _ = await results(lambda g: Failure("no") if {"a", "d"} <= set(g) else None, "abcd")
    assert found.groups == [("a", "b"), ("c", "d")]
    assert not found.refused


async def test_a_name_that_is_not_of_the_group_does_not_help() -> None:
    found, _ = await results(lambda g: Failure("no", "z") if "a" in g else None, "abc")
    assert found.refused == {"a": "no"}
    assert set(found.seen) == set("bc")


async def test_a_rival_joins_the_next_group() -> None:
    found, _ = await results(rivals("a", "b"), "abc", "de")
    assert found.groups == [("a", "c"), ("d", "e", "b")]


async def test_rivals_without_a_next_group_get_groups_of_their_own() -> None:
    found, _ = await results(rivals("a", "b", "c"), "abcd")
    assert not found.refused
    assert found.groups == [("a", "d")]
    assert found.leftover == [("b",), ("c",)]


async def test_what_was_learned_is_not_learned_again() -> None:
    complaint = rivals("a", "b", "c")
    learned, _ = await results(complaint, "abcd", "ef")
    launcher = Launcher(complaint)
    await try_groups(learned.learned, launcher)
    assert launcher.groups == [*learned.groups, *learned.leftover]


async def test_what_is_left_over_is_tried_in_the_groups_before() -> None:
    complaint = rivals("a", "b")
    first, _ = await results(complaint, "ef", "abc")
    assert first.leftover == [("b",)]
    second = await try_groups(first.again, Launcher(complaint))
    assert second.groups == [("e", "f", "b"), ("a", "c")]
    assert not second.leftover


async def test_what_was_refused_is_tried_again_in_a_group() -> None:
    found, _ = await results(names("b", "c"), "abcd")
    assert found.again == GroupPlan((("a", "d"), ("b", "c")))


def test_only_what_was_refused_every_time_is_not_tried_any_more() -> None:
    plan = GroupPlan((("a", "d"), ("b", "c")))
    refused = [{"b": "no", "c": "no"}, {"c": "not either"}]
    assert without_refused(plan, refused) == GroupPlan((("a", "d"), ("b",)), {"c": "no"})
    assert without_refused(plan, []) == plan


TYPES = st.sets(st.sampled_from("abcdefghijklm"))


@given(bad=TYPES, silent=TYPES, against=TYPES, size=st.integers(1, 13))
async def test_every_type_is_seen_or_refused(
    bad: set[str], silent: set[str], against: set[str], size: int
) -> None:
    def complaint(group: Group) -> Failure | None:
        return crashes(*silent)(group) or names(*bad)(group) or rivals(*against)(group)

    every = "abcdefghijklm"
    found, _ = await results(complaint, *(every[at : at + size] for at in range(0, 13, size)))
    assert set(found.refused) == bad | silent
    assert set(found.seen) == set(every) - bad - silent
    assert sorted(t for group in (*found.groups, *found.leftover) for t in group) == sorted(
        found.seen
    )
