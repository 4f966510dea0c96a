"""Of an architecture whose states are not modelled nothing certain is said where they differ."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from qcompat.arch.architecture import Architecture, usual
from qcompat.portrait.portrait import Portrait
from qcompat.rules.finding import Finding
from qcompat.rules.subject import state_of
from qcompat.verdict.judge import judge

Recording = Callable[[str], Portrait]
BY_CONTENTS = {"field_layout_changed", "checked_value_changed"}
CONTENTS = ("esp@7.2.22", "esp@10.0.13")


def foreign(portrait: Portrait) -> Portrait:
    """The portrait with processors of an architecture that has no table."""
    assert portrait.cpu
    cpu = msgspec.structs.replace(portrait.cpu, type="ev67-alpha-cpu")
    return msgspec.structs.replace(portrait, cpu=cpu)


def content_rules(found: tuple[Finding, ...]) -> set[str]:
    return {each.rule for each in found} & BY_CONTENTS


@pytest.mark.parametrize(
    "pair", [("empty@7.2.22", "empty@10.0.13"), ("empty@10.0.13", "empty@7.2.22")]
)
def test_differing_states_leave_the_answer_open(
    recording: Recording, pair: tuple[str, str]
) -> None:
    source, target = map(recording, pair)
    assert judge(source, target).forward.verdict != "unknown"
    verdict = judge(foreign(source), foreign(target)).forward
    assert verdict.verdict == "unknown"
    assert "unmodelled_state_unproven" in {each.rule for each in verdict.findings}


def test_a_rule_about_contents_is_silent_where_they_are_not_modelled(
    recording: Recording,
) -> None:
    source, target = map(recording, CONTENTS)
    assert content_rules(judge(source, target).forward.findings)
    assert not content_rules(judge(foreign(source), foreign(target)).forward.findings)


def test_a_state_that_a_table_names_is_not_modelled(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = map(recording, CONTENTS)
    (layout,) = [
        each for each in judge(source, target).forward.findings if each.rule in BY_CONTENTS
    ]
    state = state_of(layout.subject.section)
    without: Architecture = msgspec.structs.replace(usual(), unmodelled=(state,))
    monkeypatch.setattr("qcompat.arch.architecture._tables", lambda: {without.name: without})
    found = judge(source, target).forward.findings
    opened = [each for each in found if each.rule == "unmodelled_state_unproven"]
    assert {state_of(each.subject.section) for each in opened} == {state}


def test_equal_states_are_no_question(recording: Recording) -> None:
    portrait = foreign(recording("empty@7.2.22"))
    copy = msgspec.msgpack.decode(msgspec.msgpack.encode(portrait), type=Portrait)
    assert judge(portrait, copy).forward.verdict == "ok"
