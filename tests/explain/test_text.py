"""A log in one line: what managers put around QEMU's words is undone, and lines are counted."""

from __future__ import annotations

import pytest

from qcompat.explain.text import decoded, log_text

SAID = "Unknown ramblock 'pc.ram', cannot accept migration"


@pytest.mark.parametrize(
    "given",
    [
        'Unknown ramblock "pc.ram", cannot accept migration',
        "Unknown ramblock “pc.ram”, cannot accept migration",
        "Unknown ramblock »pc.ram«, cannot accept migration",
        "\x1b[31mUnknown ramblock \x1b[1m'pc.ram',\x1b[0m cannot accept migration",
        "Unknown   ramblock 'pc.ram',\n      cannot accept migration\n",
        "> Unknown ramblock 'pc.ram',\n> cannot accept migration",
        r'{"level":"info","msg":"Unknown ramblock \"pc.ram\", cannot accept migration"}',
        '{"MESSAGE":[' + ",".join(str(each) for each in SAID.encode()) + "]}",
        r"stderr=b'Unknown ramblock \'pc.ram\', cannot accept migration\n'",
        "Unknown ramblock &quot;pc.ram&quot;, cannot accept migration",
        "Unknown ramblock `pc.ram', cannot accept migration",
        "Unknown\x00 ramblock 'pc.ram',\x07 cannot accept migration",
    ],
)
def test_clothes_are_taken_off(given: str) -> None:
    assert SAID in log_text(given).flat


def test_a_word_cut_at_the_width_is_joined() -> None:
    text = "kvm: Unknown ramblock 'p\nc.ram', cannot accept mi\ngration\nend"
    assert SAID in log_text(text, unwrapped=True).flat


def test_encodings_of_windows_are_read() -> None:
    assert (
        decoded(SAID.encode("utf-16")) == "\ufeff" + SAID or decoded(SAID.encode("utf-16")) == SAID
    )
    assert "\ufffd" in decoded(b"\xff" + SAID.encode())


def test_places_know_their_lines() -> None:
    log = log_text("one\n\ntwo three\nfour")
    assert [log.line_at(log.flat.index(word)) for word in ("one", "two", "three", "four")] == [
        1,
        3,
        3,
        4,
    ]
    assert log_text("").line_at(0) == 1
