"""What the agent says is understood in whatever pieces it arrives."""

from __future__ import annotations

import base64
import hashlib

from hypothesis import given
from hypothesis import strategies as st

from qcompat.trial.live.agent.messages import Beat, Messages

BODY = base64.encodebytes(bytes(range(256))).decode()
SUM = hashlib.md5(BODY.encode(), usedforsecurity=False).hexdigest()
LINES = "".join(f"@+ {line}\n" for line in BODY.splitlines())
TALK = f"[    0.1] Linux\n@ready\n@beat 0 3.10\n@report {SUM}\n{LINES}@beat 1 3.21\n@end\n"


def heard(talk: str, cuts: list[int] | None = None) -> Messages:
    messages, at = Messages(), 0
    data = talk.encode()
    for cut in [*sorted(cut % len(data) for cut in cuts or []), len(data)]:
        messages.feed(data[at:cut], 7.0)
        at = cut
    return messages


@given(st.lists(st.integers(min_value=0, max_value=10_000), max_size=12))
def test_it_does_not_matter_where_the_bytes_are_cut(cuts: list[int]) -> None:
    messages = heard(TALK, cuts)

    assert messages.boots == 1
    assert messages.beats == [Beat(0, 3.10, 7.0), Beat(1, 3.21, 7.0)]
    assert messages.reports == [bytes(range(256))]
    assert messages.console == ["[    0.1] Linux"]


def test_a_report_with_the_kernels_words_in_it_is_none() -> None:
    torn = TALK.replace("@beat 1", "@+ QUJD\n@beat 1")

    assert heard(torn).reports == [None]


def test_a_panic_is_noticed() -> None:
    assert heard("[    2.0] Kernel panic - not syncing: No init found\n").has_panicked


@given(st.binary(max_size=200))
def test_any_bytes_can_be_heard(data: bytes) -> None:
    Messages().feed(data + b"\n", 0.0)
