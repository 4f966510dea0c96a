"""A stream that was not had or could not be read decides nothing, on either end."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from qcompat.portrait.portrait import Portrait, Refusal
from qcompat.report.finding import summary_text
from qcompat.verdict.judge import judge

Recording = Callable[[str], Portrait]


def _refused(portrait: Portrait, stage: str) -> Portrait:
    refusal = msgspec.convert({"stage": stage, "message": "unknown RAM flags"}, Refusal)
    return msgspec.structs.replace(portrait, stream=None, refusal=refusal)


@pytest.mark.parametrize(("stage", "answer"), [("unread", "unknown"), ("save", "blocked")])
def test_source_is_blocked_by_qemu_only(stage: str, answer: str, recording: Recording) -> None:
    portrait = recording("rng@7.2.22")
    judgement = judge(_refused(portrait, stage), portrait)
    assert judgement.forward.verdict == answer
    assert "unknown RAM flags" in summary_text(judgement.forward.findings[0])
    assert judgement.back.verdict == "unknown"


def test_two_unread_ends_are_unknown(recording: Recording) -> None:
    portrait = recording("rng@7.2.22")
    judgement = judge(_refused(portrait, "unread"), _refused(portrait, "unread"))
    assert (judgement.forward.verdict, judgement.back.verdict) == ("unknown", "unknown")
