"""Laws of judging that hold for any two portraits at hand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from qcompat.compare.comparison import compare
from qcompat.portrait.bundle import Bundle, read_bundle
from qcompat.portrait.portrait import Portrait
from qcompat.report.finding import summary_text
from qcompat.rules.registry import findings_of
from qcompat.verdict.goal import GOALS
from qcompat.verdict.judge import judge
from qcompat.verdict.judgement import Answer, answer

BUNDLE = Path(__file__).parent.parent / "data" / "portraits" / "recordings.qcb"


@cache
def bundle() -> Bundle:
    return read_bundle(BUNDLE)


@cache
def portrait(key: str) -> Portrait:
    return bundle().get(key)


KEYS = st.sampled_from(sorted(read_bundle(BUNDLE).keys))
RANKS: Mapping[Answer, int] = {"ok": 0, "drift": 1, "unknown": 2, "blocked": 3}


@given(key=KEYS)
def test_portrait_compared_with_a_copy_of_itself_differs_nowhere(key: str) -> None:
    one = portrait(key)
    copy = msgspec.msgpack.decode(msgspec.msgpack.encode(one), type=Portrait)
    differences = compare(one, copy).differences
    assert all(difference.source == difference.target for difference in differences)


@given(one=KEYS, other=KEYS)
def test_way_back_is_the_way_forth_from_the_other_end(one: str, other: str) -> None:
    there, back = judge(portrait(one), portrait(other)), judge(portrait(other), portrait(one))
    assert there.forward.verdict == back.back.verdict
    assert _told(there.back.findings) == _told(back.forward.findings)


@given(one=KEYS, other=KEYS)
def test_a_promise_that_asks_for_more_is_never_kept_more_easily(one: str, other: str) -> None:
    verdict = judge(portrait(one), portrait(other)).forward
    assert verdict.about("unchanged") == verdict.verdict
    broken = [verdict.about(goal) in ("drift", "blocked") for goal in GOALS]
    assert broken == sorted(broken) or verdict.verdict == "unknown"
    kept = [verdict.about(goal) == "ok" for goal in GOALS]
    assert kept == sorted(kept, reverse=True)


@given(one=KEYS, other=KEYS, data=st.data())
def test_more_findings_never_make_the_answer_better(
    one: str, other: str, data: st.DataObject
) -> None:
    findings = findings_of(compare(portrait(one), portrait(other)))
    some = [finding for finding in findings if data.draw(st.booleans())]
    assert RANKS[answer(some)] <= RANKS[answer(findings)]


@given(one=KEYS, other=KEYS)
def test_every_answer_but_ok_stands_on_a_finding_with_evidence(one: str, other: str) -> None:
    verdict = judge(portrait(one), portrait(other)).forward
    if verdict.verdict != "ok":
        assert verdict.findings
    assert all(finding.evidence and summary_text(finding) for finding in verdict.findings)


def _told(findings: tuple[object, ...]) -> set[bytes]:
    return {msgspec.msgpack.encode(finding) for finding in findings}
