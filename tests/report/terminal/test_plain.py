"""Foreign text cannot command the terminal, and plain text stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.report.terminal.plain import printable


@given(st.text())
def test_result_is_printable_but_for_newlines(text: str) -> None:
    assert printable(text).replace("\n", "").isprintable()


@given(st.text())
def test_escaping_twice_changes_nothing_more(text: str) -> None:
    assert printable(printable(text)) == printable(text)


@pytest.mark.parametrize("text", ["", "plain", "Grüße →", "two\nlines"])
def test_plain_text_stays(text: str) -> None:
    assert printable(text) == text


def test_escape_sequence_is_spelled_out() -> None:
    assert printable("\x1b[31mred") == r"\x1b[31mred"
