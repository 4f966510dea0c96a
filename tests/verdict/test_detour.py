"""A detour sheds the form of a stream, not the values in it."""

from __future__ import annotations

from qcompat.rules.finding import Finding
from qcompat.rules.subject import GUEST
from qcompat.verdict.detour import after_detour
from qcompat.verdict.judgement import Verdict


def _refused(rule: str) -> Verdict:
    return Verdict("blocked", (Finding(rule, "loads", "certain", GUEST, {}, ()),))


FREE = Verdict("ok", ())


def test_size_of_a_queue_travels_on() -> None:
    assert after_detour(_refused("queue_size_exceeded_on_target"), FREE) == "blocked"


def test_section_that_only_the_source_has_is_left_behind() -> None:
    assert after_detour(_refused("section_missing_on_target"), FREE) == "ok"


def test_second_hop_counts_for_itself() -> None:
    assert after_detour(FREE, _refused("section_missing_on_target")) == "blocked"
