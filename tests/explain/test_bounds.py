"""Any text ends in an answer, in time that grows with its length alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.explain.catalogue import catalogue
from qcompat.explain.explain import explain
from qcompat.explain.redact import redacted

SEEDS = [message.template.text for message in catalogue().messages[::40]]


@given(st.text(), st.sampled_from(SEEDS), st.text())
def test_any_text_is_explained(before: str, seed: str, after: str) -> None:
    found = explain(before + seed + after)
    assert len(found.problems) <= len(before + seed + after)
    redacted(before + seed + after)


@pytest.mark.parametrize(
    "piece",
    [
        "Features 0x",
        "Features 0x1 unsupported. Allowed features: ",
        "x: incoming version_id ",
        "Size mismatch: " + "a" * 300,
        "Unknown savevm section or instance '",
        "'" * 50,
        "{" * 50,
        '{"msg":' * 20,
        "\\u00",
        "a.b.",
        "0000:00:00.",
        "/a",
        "1.2.3.",
        "guest=",
        "\n",
        "> ",
    ],
)
def test_what_almost_matches_costs_no_more_than_its_length(piece: str) -> None:
    """The bound is on work, not on time: a pattern is tried a bounded number of times, and every
    value of it is matched once. A text of 2 MB that tries again would take hours."""
    text = piece * (2_000_000 // len(piece))
    explain(text)
    redacted(text[:60_000])


def test_patterns_never_go_back() -> None:
    """Every value is atomic, or possessive, so that nothing is matched in more than one way."""
    for message in catalogue().messages:
        pattern = message.template.pattern.pattern
        loose = re.sub(r"\(\?>\(\?(?::|P<\w+>)\.\{0,200\}\?\)", "", pattern)
        assert not re.search(r"[*+}]\?|(?<!\\)[*]|(?<![}\\])\+", loose), pattern


@pytest.mark.parametrize("message", catalogue().messages, ids=lambda each: each.template.text[:40])
def test_a_message_says_enough_to_be_known_by(message: object) -> None:
    assert len(getattr(message, "template").anchor) >= 6  # noqa: B009
