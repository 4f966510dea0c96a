"""The text form gives the answer first, hides nothing that matters, and can be pasted from."""

from __future__ import annotations

import io
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given

from qcompat.report.check.answers import CheckAnswer
from qcompat.report.check.text import write
from qcompat.report.output import Output
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.subject import Subject
from qcompat.verdict.judgement import Answer, Judgement, Verdict
from tests.report.check.judgements import BLOCKED, NOTE, QUEUE, RISK, judgements

GOLDEN = """\
forward  debian-10.0.13 → debian-11.1.3  blocked: does not load
back     debian-11.1.3 → debian-10.0.13  ok: loads, the guest sees no change

forward, debian-10.0.13 → debian-11.1.3
  1. virtio-blk-pci at 0000:00:02.0
     The target refuses the stream: the source's queues have size 1024, the
     target allocates 256
     breaks `loads` (certain), rule queue_size_exceeded_on_target
       entries of queue 0  1024 → 256
     remedy, set on the target:
       -device virtio-blk-pci,queue-size=1024
  1 possible effect not shown (-v shows)

not covered
  -boot splash=a.jpg  a splash picture is not read

not known
  firmware  fw_cfg is not readable
"""


def shown(judgement: Judgement, *, width: int = 80, verbose: bool = False) -> str:
    file = io.StringIO()
    write(CheckAnswer(judgement), Output(file, width=width, verbose=verbose))
    return file.getvalue()


def blocked_by(*findings: Finding) -> Judgement:
    return msgspec.structs.replace(BLOCKED, forward=Verdict("blocked", findings))


def with_answer(answer: Answer, *findings: Finding) -> Judgement:
    return msgspec.structs.replace(BLOCKED, forward=Verdict(answer, findings))


def test_blocked_guest_reads_as_in_the_golden_text() -> None:
    assert shown(BLOCKED) == GOLDEN


def test_verbose_shows_notes_and_the_guest() -> None:
    text = shown(BLOCKED, verbose=True)
    assert "-machine pc-q35-10.0 -device virtio-blk-pci" in text
    assert NOTE.rule in text
    assert "not shown" not in text


def test_undecided_finding_is_no_note_even_if_only_possible() -> None:
    undecided = msgspec.structs.replace(RISK, undecided=True)
    assert "cannot decide `loads`" in shown(blocked_by(undecided))


def test_what_may_be_refused_is_part_of_the_answer_and_is_shown() -> None:
    text = " ".join(shown(with_answer("ok", RISK, NOTE)).split())
    assert (
        "debian-10.0.13 → debian-11.1.3 ok: loads, the guest sees no change; may be refused:"
        " virtio-blk-pci at 0000:00:02.0, depending on what the guest did back"
    ) in text
    assert "may break `loads` (possible), rule state_unproven_on_target" in text
    assert "1 possible effect not shown" in text


def test_of_many_parts_that_may_be_refused_three_are_named_in_the_answer() -> None:
    subjects = (Subject("section", section=f"s{number}") for number in range(5))
    risks = [msgspec.structs.replace(RISK, subject=each) for each in (*subjects, RISK.subject)]
    text = " ".join(shown(with_answer("drift", *risks), width=200).split())
    assert "may be refused: s0, s1, s2 and 3 more, depending on what the guest did back" in text


def test_a_refused_guest_is_not_said_to_be_refused_perhaps() -> None:
    assert "may be refused" not in shown(blocked_by(QUEUE, RISK))


def test_a_guest_that_cannot_come_back_is_said_to() -> None:
    barred = msgspec.structs.replace(QUEUE, promise="returns")
    text = " ".join(shown(blocked_by(barred)).split())
    assert "The guest cannot come back. On the way back: The target refuses the stream" in text
    assert "cannot come back (certain), rule queue_size_exceeded_on_target" in text


def test_finding_of_both_directions_is_told_once_unless_verbose() -> None:
    twice = msgspec.structs.replace(
        blocked_by(NOTE, QUEUE), back=Verdict("blocked", (msgspec.structs.replace(QUEUE),))
    )
    assert " ".join(shown(twice).split()).count("allocates 256") == 1
    assert "as in forward 1, the other way round" in shown(twice)
    assert shown(twice).count(QUEUE.rule) == 2
    assert " ".join(shown(twice, verbose=True).split()).count("allocates 256") == 2


def test_long_evidence_is_counted_and_verbose_shows_it() -> None:
    many = tuple(Evidence(f"field {n}", "1", "2") for n in range(40))
    finding = msgspec.structs.replace(QUEUE, evidence=many)
    assert "field 39" not in shown(blocked_by(finding))
    assert "34 more" in shown(blocked_by(finding))
    assert "field 39" in shown(blocked_by(finding), verbose=True)


def test_long_value_is_cut_and_verbose_shows_it() -> None:
    finding = msgspec.structs.replace(QUEUE, evidence=(Evidence("bytes", "ab" * 300, None),))
    assert "(600 characters) → none" in " ".join(shown(blocked_by(finding)).split())
    assert shown(blocked_by(finding), verbose=True).count("ab") >= 290


def test_remedy_stays_on_one_line_on_a_narrow_console() -> None:
    remedy = "-device virtio-blk-pci,drive=disk0,queue-size=1024,num-queues=2,seg-max=254"
    finding = msgspec.structs.replace(QUEUE, remedy=remedy)
    assert remedy in shown(blocked_by(finding), width=40)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_prose_keeps_to_the_width(width: int) -> None:
    assert all(len(line) <= width for line in shown(BLOCKED, width=width).splitlines())


def test_no_colour_where_it_is_not_a_terminal() -> None:
    assert "\x1b" not in shown(BLOCKED)


@given(judgements())
def test_no_control_character_reaches_the_terminal(judgement: Judgement) -> None:
    for character in _characters(shown(judgement, verbose=True)):
        assert character.isprintable()


@given(judgements())
def test_no_line_ends_in_a_blank(judgement: Judgement) -> None:
    assert all(line == line.rstrip(" ") for line in shown(judgement).split("\n"))


def _characters(text: str) -> Iterator[str]:
    return (character for character in text if character != "\n")
