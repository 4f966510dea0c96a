"""`-global` in both spellings, read as QEMU reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.errors import GuestError
from qcompat.guest.arguments import parse
from qcompat.guest.global_property import GlobalProperty, read_global


@pytest.mark.parametrize(
    ("text", "driver", "name", "value"),
    [
        ("e1000.romfile=/x", "e1000", "romfile", "/x"),
        ("driver=e1000,property=romfile,value=/x", "e1000", "romfile", "/x"),
        ("value=a,value=/x,property=romfile,driver=e1000", "e1000", "romfile", "/x"),
        ("driver=cfi.pflash01,property=name,value=a,,b", "cfi.pflash01", "name", "a,b"),
        ("e1000.x=a,b=c.d", "e1000", "x", "a,b=c.d"),
        ("cfi.pflash01.name=x", "cfi", "pflash01.name", "x"),
    ],
)
def test_both_spellings_are_read(text: str, driver: str, name: str, value: str) -> None:
    assert read_global(text) == GlobalProperty(driver, name, value)


@pytest.mark.parametrize("text", ["", "x", "e1000=1", "driver=e1000,property=x", ".x=1"])
def test_what_sets_no_property_is_an_error(text: str) -> None:
    with pytest.raises(GuestError, match="sets no property"):
        read_global(text)


WORDS = st.text(min_size=1, max_size=70)


@given(WORDS, WORDS, st.text(max_size=20))
def test_text_is_read_as_what_it_says(driver: str, name: str, value: str) -> None:
    given = GlobalProperty(driver, name, value)
    assert read_global(given.text()) == given


def test_spellings_make_one_guest() -> None:
    short = parse(["-global", "virtio-net.mrg_rxbuf=off"])
    long = parse(["-global", "driver=virtio-net,value=off,property=mrg_rxbuf"])
    assert short.arguments == long.arguments
