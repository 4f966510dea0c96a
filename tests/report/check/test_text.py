"""The text form gives the answer first, hides nothing that matters, and can be pasted from."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from rich.cells import cell_len

from qcompat.report.check.answers import CheckAnswer
from qcompat.report.check.text import write
from qcompat.report.output import Output
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.subject import GUEST, Subject
from qcompat.verdict.gate import Exit, Gate
from qcompat.verdict.judgement import Answer, Judgement, Verdict
from tests.report.check.judgements import BLOCKED, NOTE, QUEUE, RISK, judgements

GOLDEN = """\
forward  blocked: does not load [exit 1: --promise running]
         debian-10.0.13 → debian-11.1.3, with tcg, hosts not compared
         virtio-blk-pci at 0000:00:02.0: The target refuses the stream: the
         source's queues have size 1024, the target allocates 256
set      -device virtio-blk-pci,queue-size=1024
back     ok: loads, the guest sees no change

forward, debian-10.0.13 → debian-11.1.3
  1. virtio-blk-pci at 0000:00:02.0
     The target refuses the stream: the source's queues have size 1024, the
     target allocates 256
       entries of queue 0  1024 → 256
     breaks `loads` (certain), rule queue_size_exceeded_on_target
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
    out = Output(file, width=width, verbose=verbose, exit_=Exit(1, Gate()))
    write(CheckAnswer(judgement), out)
    return file.getvalue()


def brief(text: str) -> list[str]:
    """The lines before the details."""
    return text.partition("\n\n")[0].splitlines()


def details(text: str) -> str:
    return text.partition("\n\n")[2]


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
    text = shown(with_answer("ok", RISK, NOTE))
    head = text.splitlines()
    assert head[0].startswith("forward  ok: loads, the guest sees no change")
    assert head[2].strip() == ("may be refused: virtio-blk-pci at 0000:00:02.0 (by what it did)")
    assert "may break `loads` (possible), rule state_unproven_on_target" in text
    assert "1 possible effect not shown" in text


def test_of_many_parts_that_may_be_refused_three_are_named_in_the_answer() -> None:
    subjects = (Subject("section", section=f"s{number}") for number in range(5))
    risks = [msgspec.structs.replace(RISK, subject=each) for each in (*subjects, RISK.subject)]
    text = " ".join(shown(with_answer("drift", *risks), width=200).split())
    assert "may be refused: s0, s1, s2 and 3 more (by what it did) back" in text


def test_a_refused_guest_is_not_said_to_be_refused_perhaps() -> None:
    assert "may be refused" not in shown(blocked_by(QUEUE, RISK))


def test_a_guest_that_cannot_come_back_is_said_to() -> None:
    barred = msgspec.structs.replace(QUEUE, promise="returns")
    text = " ".join(shown(blocked_by(barred)).split())
    assert "The guest cannot come back. On the way back: The target refuses the stream" in text
    assert "cannot come back (certain), rule queue_size_exceeded_on_target" in text


def test_finding_of_both_directions_is_told_once_unless_verbose() -> None:
    turned = msgspec.structs.replace(
        QUEUE, evidence=tuple(Evidence(e.what, e.target, e.source) for e in QUEUE.evidence)
    )
    twice = msgspec.structs.replace(blocked_by(NOTE, QUEUE), back=Verdict("blocked", (turned,)))
    assert " ".join(details(shown(twice)).split()).count("allocates 256") == 1
    assert "the other way round, as forward: queue_size_exceeded_on_target" in shown(twice)
    assert "back     blocked: does not load\n         the same, the other way" in shown(twice)
    assert " ".join(details(shown(twice, verbose=True)).split()).count("allocates 256") == 2


def test_the_way_back_is_the_same_only_where_its_main_reason_is() -> None:
    open_ = msgspec.structs.replace(RISK, undecided=True)
    turned = msgspec.structs.replace(open_, evidence=())
    judgement = msgspec.structs.replace(
        blocked_by(QUEUE, open_), back=Verdict("unknown", (turned,))
    )
    head = brief(shown(judgement))
    assert head[-2].strip().startswith("virtio-blk-pci at 0000:00:02.0: It is not known")


def test_nothing_is_to_set_for_a_part_that_no_twin_has() -> None:
    part = Finding(
        *("uncovered_state_missing", "loads", "likely", Subject("device", "vhost-scsi-pci")),
        {"part": "-device vhost-scsi-pci", "reason": "QEMU refuses it"},
        case="known",
    )
    assert not [line for line in brief(shown(blocked_by(part))) if line.startswith("set")]


def test_one_cause_of_twelve_disks_is_told_once_with_its_parts() -> None:
    disks = [
        msgspec.structs.replace(
            QUEUE,
            subject=msgspec.structs.replace(QUEUE.subject, address=f"0000:00:{n:02x}.0"),
            remedy=f"-device virtio-blk-pci,addr={n:#x},queue-size=1024",
        )
        for n in range(2, 14)
    ]
    text = shown(blocked_by(*disks, NOTE))
    assert " ".join(details(text).split()).count("allocates 256") == 1
    assert "12 × virtio-blk-pci: The target refuses the stream" in text
    assert "0000:00:05.0 and 8 more" in text
    assert "set      the 12 lines below (all at once: qcompat repair)" in text
    assert "8 more (-v shows; all at once: qcompat repair)" in text
    assert shown(blocked_by(*disks), verbose=True).count("queue-size=1024") == 12


def test_what_no_property_helps_comes_before_lines_that_would_not_do_alone() -> None:
    known = msgspec.structs.replace(
        QUEUE,
        subject=Subject("device", "virtio-balloon-pci", address="0000:00:07.0"),
        **{"no_property": True, "remedy": None, "advisories": ("virtio_queue_size_10_0_13",)},
    )
    known = msgspec.structs.replace(known, when="load")
    head = brief(shown(blocked_by(QUEUE, known), width=120))
    assert next(line for line in head if line.startswith("set")) == (
        "set      no property helps virtio-balloon-pci at 0000:00:07.0; "
        "instead: qcompat explain virtio_queue_size_10_0_13"
    )


def test_a_long_line_to_paste_is_joined_by_the_shell() -> None:
    remedy = "-device virtio-blk-pci," + ",".join(f"property{n}=value{n}" for n in range(5))
    head = brief(shown(blocked_by(msgspec.structs.replace(QUEUE, remedy=remedy))))
    at = next(n for n, line in enumerate(head) if line.startswith("set"))
    script = f"printf '%s ' {head[at].removeprefix('set')}\n{head[at + 1]}\n"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == remedy


def test_the_accelerator_and_the_hosts_that_it_stands_on_are_said() -> None:
    guest = msgspec.structs.replace(BLOCKED.guest, accelerators=("kvm",))
    judgement = msgspec.structs.replace(BLOCKED, guest=guest, hosts=("one", "two"))
    assert "with tcg (the line says kvm), hosts one → two" in " ".join(shown(judgement).split())


def test_what_is_told_of_a_change_is_when_it_takes_effect() -> None:
    late = Finding(
        "acpi_table_changed", "unchanged", "certain", GUEST, {"places": ("x",)}, when="reset"
    )
    text = shown(with_answer("drift", late))
    assert text.startswith("forward  drift at reset: loads, changes at a reset")
    assert "breaks `unchanged` after its next reset (certain)" in text


@pytest.mark.parametrize("wide", [False, True])
@given(judgement=judgements())
def test_the_answer_is_in_ten_lines_whatever_the_guest(judgement: Judgement, wide: bool) -> None:
    head = brief(shown(judgement, verbose=wide))
    assert len(head) <= 10
    assert all(cell_len(line) <= 80 for line in head)
    assert head[0].startswith("forward")
    assert "[exit 1" in " ".join(head[:2])
    assert [line for line in head if line.startswith("back")]


@given(judgement=judgements())
def test_a_narrow_terminal_is_not_overrun(judgement: Judgement) -> None:
    head = brief(shown(judgement, width=40))
    assert len(head) <= 20
    assert all(cell_len(line) <= 40 for line in head)


def test_long_evidence_is_counted_and_verbose_shows_it() -> None:
    many = tuple(Evidence(f"field {n}", "1", f"{n + 2}") for n in range(40))
    finding = msgspec.structs.replace(QUEUE, evidence=many)
    assert "field 39" not in shown(blocked_by(finding))
    assert "36 more" in shown(blocked_by(finding))
    assert "field 39" in shown(blocked_by(finding), verbose=True)


def test_evidence_of_equal_values_is_one_line_unless_verbose() -> None:
    same = tuple(Evidence(f"field {n}", "1", "2") for n in range(40))
    finding = msgspec.structs.replace(QUEUE, evidence=same)
    assert "field 0 and 39 more  1 → 2" in shown(blocked_by(finding))
    assert "field 39  1 → 2" in shown(blocked_by(finding), verbose=True)


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
