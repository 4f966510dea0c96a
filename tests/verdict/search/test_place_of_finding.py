"""Where a finding's remedy belongs follows from its subject, never from how that is worded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qcompat.portrait.portrait import Portrait
from qcompat.report import finding as words
from qcompat.verdict.search.cost import judged

Recording = Callable[[str], Portrait]
PAIRS = [("blk@10.0.13", "blk@11.1.3"), ("empty@5.2.0", "empty@7.2.22")]


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_places_are_found_without_words(
    recording: Recording, monkeypatch: pytest.MonkeyPatch, source: str, target: str
) -> None:
    before = judged(recording(source), recording(target)).costs
    for name in ("subject_text", "sentence", "summary_text"):
        monkeypatch.delattr(words, name)
    assert before
    assert judged(recording(source), recording(target)).costs == before
