"""Older versions of a state, on recordings where the target's minimum is altered."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from qcompat.compare.comparison import compare
from qcompat.portrait.portrait import Portrait
from qcompat.report.finding import summary_text
from qcompat.rules.section.section_version_lowered import find

Recording = Callable[[str], Portrait]
STATE = "pciespscsi"


def with_minimum(portrait: Portrait, minimum: int | None) -> Portrait:
    states = dict(portrait.facts.states)
    if minimum is None:
        del states[STATE]
    else:
        states[STATE] = msgspec.structs.replace(states[STATE], minimum_version=minimum)
    facts = msgspec.structs.replace(portrait.facts, states=states)
    return msgspec.structs.replace(portrait, facts=facts)


def test_version_from_the_minimum_on_is_read(recording: Recording) -> None:
    assert list(find(compare(recording("esp@5.2.0"), recording("esp@7.2.22")))) == []


def test_version_below_the_minimum_is_refused(recording: Recording) -> None:
    target = with_minimum(recording("esp@7.2.22"), 2)
    (finding,) = find(compare(recording("esp@5.2.0"), target))
    assert (finding.certainty, finding.undecided) == ("certain", False)
    assert "reads versions from 2 to 2" in summary_text(finding)


def test_unknown_minimum_leaves_the_answer_open(recording: Recording) -> None:
    target = with_minimum(recording("esp@7.2.22"), None)
    (finding,) = find(compare(recording("esp@5.2.0"), target))
    assert finding.undecided
