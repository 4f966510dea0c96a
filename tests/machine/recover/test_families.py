"""Families of machine types: newest first, as numbers; boards without releases alone."""

from __future__ import annotations

from qcompat.machine.recover.families import Family, families


def test_releases_of_a_board_are_newest_first() -> None:
    names = ("pc-q35-9.2", "pc-q35-10.0", "pc-q35-4.0.1", "pc-q35-4.0")
    (family,) = families(names)
    assert family == Family(
        "pc-q35", ("pc-q35-10.0", "pc-q35-9.2", "pc-q35-4.0.1", "pc-q35-4.0"), True
    )


def test_boards_without_releases_come_last_and_alone() -> None:
    found = families(("microvm", "isapc", "pc-q35-9.2", "pc-i440fx-9.2", "pc-i440fx-9.1"))
    assert [family.board for family in found] == ["pc-i440fx", "pc-q35", "isapc", "microvm"]
    assert [family.is_versioned for family in found] == [True, True, False, False]


def test_a_name_given_twice_is_one_machine_type() -> None:
    assert families(("pc-q35-9.2", "pc-q35-9.2")) == families(("pc-q35-9.2",))
