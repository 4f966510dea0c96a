"""Choosing among the snapshots of an image."""

from __future__ import annotations

import pytest

from qcompat.errors import FileFormatError, UsageError
from qcompat.stream.container.snapshots import Snapshot, choose

ONE = Snapshot("1", "one", 100, 1700000000)
DISK = Snapshot("2", "disk", 0)
NUMBERED = Snapshot("3", "1", 200)
TWIN = Snapshot("4", "one", 300)


@pytest.mark.parametrize(
    ("snapshots", "wanted", "found"),
    [
        ([DISK, ONE], None, ONE),
        ([ONE, NUMBERED], "one", ONE),
        ([ONE, NUMBERED], "1", NUMBERED),
        ([ONE, NUMBERED], "3", NUMBERED),
        ([ONE, DISK], "1", ONE),
        ([ONE, TWIN], "4", TWIN),
    ],
)
def test_name_counts_before_number(
    snapshots: list[Snapshot], wanted: str | None, found: Snapshot
) -> None:
    assert choose(snapshots, wanted, "x.qcow2") is found


@pytest.mark.parametrize(
    ("snapshots", "wanted", "words"),
    [
        ([], None, "holds no snapshot with the state of a guest"),
        ([DISK], "disk", "holds no snapshot with the state of a guest"),
        ([ONE, DISK], "disk", "holds a disk, but no state"),
        ([ONE, DISK], "two", "holds no snapshot two"),
        ([ONE, NUMBERED], None, "holds several snapshots"),
        ([ONE, TWIN], "one", "several snapshots in x.qcow2 match one"),
    ],
)
def test_what_cannot_be_chosen_is_told(
    snapshots: list[Snapshot], wanted: str | None, words: str
) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        choose(snapshots, wanted, "x.qcow2")
    if ONE in snapshots:
        assert "one (number 1)" in caught.value.hint
    assert "disk" not in caught.value.hint.removeprefix("the state of a guest is")


def test_list_behind_the_end_of_the_file_is_damage() -> None:
    with pytest.raises(FileFormatError, match="ends before the list of its 2 snapshots"):
        choose([Snapshot("", "", 0), Snapshot("", "", 0)], None, "x.qcow2")


def test_a_message_lists_no_thousand_snapshots() -> None:
    many = [Snapshot(str(number), f"s{number}", 1) for number in range(1000)]
    with pytest.raises(UsageError) as caught:
        choose(many, None, "x.qcow2")
    assert len(caught.value.hint) < 600


def test_description_survives_any_date() -> None:
    assert ONE.described() == "one, 100 bytes, taken 2023-11-14 22:13:20 UTC"
    assert Snapshot("1", "one", 1, 1 << 62).described().endswith("at an unknown time")
