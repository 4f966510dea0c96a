"""Where a finding's remedy belongs follows from its subject, never from how that is worded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qcompat.portrait.portrait import Portrait
from qcompat.report import finding as words
from qcompat.rules import subject
from qcompat.rules.device import property_changed
from qcompat.verdict.search.cost import judged

Recording = Callable[[str], Portrait]
PAIRS = [("blk@10.0.13", "blk@11.1.3"), ("piix@7.2.22", "piix@10.0.13")]


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_other_words_for_a_subject_repair_the_same_places(
    recording: Recording, monkeypatch: pytest.MonkeyPatch, source: str, target: str
) -> None:
    before = judged(recording(source), recording(target)).costs
    for module in (subject, words, property_changed):
        monkeypatch.setattr(module, "subject_text", lambda each: f"[{each.type}]")
    assert before
    assert judged(recording(source), recording(target)).costs == before
