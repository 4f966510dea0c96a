"""A machine type with a revision of Proxmox VE is its base type, where the user agrees."""

import pytest

from qcompat.guest.arguments import parse
from qcompat.guest.base_type import base_of, words_on_base_type
from qcompat.guest.given.line import guest_of


@pytest.mark.parametrize(
    ("machine", "base"),
    [
        ("pc+pve0", "pc"),
        ("q35+pve0", "q35"),
        ("pc-q35-9.2+pve1", "pc-q35-9.2"),
        ("pc-q35-4.1+pve2.pxe", "pc-q35-4.1"),
        ("pc-q35-9.2", ""),
        ("pc-q35-9.2+x1", ""),
        ("pc-q35-rhel9.4.0", ""),
    ],
)
def test_a_revision_of_proxmox_has_a_base_type(machine: str, base: str) -> None:
    assert base_of(machine) == base


@pytest.mark.parametrize("option", ["-M", "-machine", "--machine"])
def test_the_guest_is_that_of_the_base_type_and_says_so(option: str) -> None:
    guest = guest_of([option, "smm=off,type=pc-q35-9.2+pve1", "-m", "64"], base_type=True)
    assert guest.arguments == parse(["-M", "pc-q35-9.2,smm=off", "-m", "64"]).arguments
    (note,) = guest.uncovered
    assert note.subject == "-machine pc-q35-9.2+pve1"
    assert "answered with pc-q35-9.2" in note.reason


def test_without_consent_the_type_stays() -> None:
    assert guest_of(["-M", "pc+pve0"]).machine == "pc+pve0"


def test_consent_changes_no_other_guest() -> None:
    line = ["-M", "q35,hpet=off", "-name", "pc+pve0"]
    assert guest_of(line, base_type=True) == guest_of(line)


def test_a_start_line_gets_the_base_type() -> None:
    line = ("kvm", "-name", "x+pve0", "-id", "8006", "-S", "-machine", "hpet=off,type=pc+pve0")
    assert words_on_base_type(line) == (*line[:-1], "pc,hpet=off")
    assert words_on_base_type(line[:-2]) == line[:-2]
