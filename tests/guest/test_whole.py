"""The whole guests."""

import pytest

from qcompat.guest.arguments import parse
from qcompat.guest.whole import whole_guests


@pytest.mark.parametrize(
    ("machine", "names"),
    [("pc-q35-7.2", {"server", "desktop"}), ("pc-i440fx-5.2", {"legacy", "classic"})],
)
def test_a_machine_type_has_the_guests_of_its_board(machine: str, names: set[str]) -> None:
    guests = whole_guests(machine)
    assert set(guests) == names
    assert {guest.machine for guest in guests.values()} == {machine}


def test_nothing_of_them_is_uncovered_and_they_read_again_as_themselves() -> None:
    guests = [*whole_guests("q35").values(), *whole_guests("pc").values()]
    assert guests == [parse(guest.arguments) for guest in guests]
