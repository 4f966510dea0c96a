"""The table of options that went away fits the options that are known, and changes nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.guest.known_options import find, known_options
from qcompat.remedy.gone import Change, Refused, merged, translate
from qcompat.remedy.gone_entries import entries
from qcompat.remedy.options import Options

NAMES = sorted({entry.option for entry in entries()})


def test_every_entry_is_of_a_known_option_and_becomes_known_ones() -> None:
    for entry in entries():
        assert entry.option in known_options()
        for word in entry.becomes:
            assert not word.startswith("-") or find(word[1:])
        assert (
            entry.note
            or entry.becomes
            or entry.rename
            or entry.adds
            or entry.value
            or (entry.parameter or find(entry.option)[1].fate == "sugar")
        )


@pytest.mark.parametrize("name", NAMES)
@given(value=st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=1))
def test_translating_never_loses_another_option(name: str, value: str) -> None:
    takes = find(name)[1].takes
    words = (f"-{name}",) if takes == "nothing" else (f"-{name}", f"a{value.lstrip('{')}")
    options = Options(("-m", "1G", *words, "-uuid", "x"))
    option = options.all()[1]
    try:
        change = translate(options, option, Refused("invalid option"))
    except Exception as error:  # a short form of no meaning, such as -soundhw nothing
        assert type(error).__name__ == "GuestError"
        return
    left = options.words()
    assert left[:2] == ("-m", "1G")
    assert "-uuid" in left
    if change is None:
        assert left == ("-m", "1G", *words, "-uuid", "x")


def test_what_becomes_of_an_option_in_the_end_is_one_change() -> None:
    found = merged([Change(("-a",), ("-b", "1"), "x"), Change(("-b", "1"), ("-c",), "y")])
    assert found == (Change(("-a",), ("-c",), "x; y"),)
