"""Judgements of real portraits, as an operator would read them."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from qcompat.portrait.portrait import DEVICE_STATE, Gap, Portrait
from qcompat.report.finding import summary_text
from qcompat.rules.finding import Evidence, Finding
from qcompat.verdict.judge import judge
from qcompat.verdict.judgement import Verdict

Recording = Callable[[str], Portrait]


def only(verdict: Verdict, rule: str) -> Finding:
    (finding,) = [each for each in verdict.findings if each.rule == rule]
    return finding


def test_identical_portraits_are_ok_both_ways(recording: Recording) -> None:
    portrait = recording("blk@10.0.13")
    judgement = judge(portrait, portrait)
    assert (judgement.forward.verdict, judgement.back.verdict) == ("ok", "ok")
    assert judgement.forward.findings == judgement.back.findings == ()


def test_larger_queues_block_forward_and_load_back(recording: Recording) -> None:
    judgement = judge(recording("blk@10.0.13"), recording("blk@11.1.3"))
    assert (judgement.forward.verdict, judgement.back.verdict) == ("blocked", "drift")
    finding = judgement.forward.findings[0]
    assert finding.rule == "queue_size_exceeded_on_target"
    assert "source's queues have size 1024, the target allocates 256" in summary_text(finding)
    assert (
        finding.remedy
        == "-device virtio-blk-pci,drive=d0,addr=8,vectors=2,num-queues=1,queue-size=1024"
    )
    assert Evidence("size of queue 0", "1024", "256") in finding.evidence


def test_device_without_a_queue_property_has_no_remedy(recording: Recording) -> None:
    judgement = judge(recording("rng@10.0.13"), recording("rng@11.1.3"))
    finding = judgement.forward.findings[0]
    assert finding.remedy is None
    assert "no property of the target's device changes that" in summary_text(finding)


def test_load_finding_names_the_property_behind_it_and_restores_it(recording: Recording) -> None:
    judgement = judge(recording("blk@7.2.22"), recording("blk-three-vectors@7.2.22"))
    finding = only(judgement.forward, "pci_register_changed")
    assert any("MSI-X message control" in each.what for each in finding.evidence)
    named = [each for each in finding.evidence if each.what == "property virtio-blk-pci.vectors"]
    assert [(each.source, each.target) for each in named] == [("2 (0x2)", "3 (0x3)")]
    assert finding.remedy == "-device virtio-blk-pci,drive=d0,addr=8,num-queues=1,vectors=2"
    assert not [each for each in judgement.forward.findings if each.rule == "argument_changed"]


def test_moved_device_is_one_finding_with_its_new_place(recording: Recording) -> None:
    forward = judge(recording("blk@7.2.22"), recording("blk-moved@7.2.22")).forward
    assert [each.rule for each in forward.findings if each.promise == "loads"] == [
        "section_missing_on_target"
    ]
    finding = forward.findings[0]
    assert "0000:00:09.0/virtio-blk" in summary_text(finding)
    assert finding.remedy == "-device virtio-blk-pci,drive=d0,vectors=2,num-queues=1,addr=08.0"


def test_other_memory_size_names_the_argument(recording: Recording) -> None:
    finding = judge(recording("empty@7.2.22"), recording("large@7.2.22")).forward.findings[0]
    assert finding.rule == "ram_block_size_changed"
    assert Evidence("argument -m", "16M", None) in finding.evidence or any(
        each.what == "argument -m" for each in finding.evidence
    )


def test_unsupported_machine_type_blocks_with_qemus_word(recording: Recording) -> None:
    judgement = judge(recording("empty-7-2@7.2.22"), recording("empty-7-2@5.2.0"))
    assert judgement.forward.verdict == judgement.back.verdict == "blocked"
    assert "unsupported machine type" in summary_text(judgement.forward.findings[0])
    assert judgement.back.findings[0].rule == "guest_missing_on_source"


def test_target_that_cannot_save_leaves_the_answer_open(recording: Recording) -> None:
    judgement = judge(recording("empty@10.0.13"), recording("vdagent@10.0.13"))
    assert judgement.forward.verdict == "unknown"
    assert judgement.back.verdict == "blocked"


def test_changed_tables_are_drift_that_comes_with_the_next_reset(recording: Recording) -> None:
    forward = judge(recording("empty@5.2.0"), recording("empty@7.2.22")).forward
    assert forward.verdict == "drift"
    assert "After its next reset" in summary_text(only(forward, "acpi_table_changed"))


def test_tables_in_other_words_are_a_note(recording: Recording) -> None:
    forward = judge(recording("empty@10.0.2"), recording("empty@11.1.3")).forward
    assert forward.verdict == "ok"
    assert "_SB.PCI0.PRES._INI" in summary_text(only(forward, "acpi_wording_changed"))


def test_gaps_and_uncovered_parts_are_handed_on(recording: Recording) -> None:
    judgement = judge(recording("empty@7.2.22"), recording("crypto@7.2.22"))
    assert judgement.gaps == recording("crypto@7.2.22").gaps


def test_judgement_is_deterministic(recording: Recording) -> None:
    one = judge(recording("empty@5.2.0"), recording("empty@11.1.3"))
    assert one == judge(recording("empty@5.2.0"), recording("empty@11.1.3"))


def test_guest_that_cannot_come_back_is_told_so_once(recording: Recording) -> None:
    judgement = judge(recording("blk@11.1.3"), recording("blk@10.0.13"))
    (barred,) = [each for each in judgement.forward.findings if each.promise == "returns"]
    assert judgement.forward.verdict == "drift"
    assert barred.rule == "queue_size_exceeded_on_target"
    assert summary_text(barred).startswith("The guest cannot come back")
    assert Evidence("size of queue 0", "256", "1024") in barred.evidence
    assert not [each for each in judgement.back.findings if each.promise == "returns"]


def test_what_only_a_twin_shows_of_a_running_guests_state_is_not_certain(
    recording: Recording,
) -> None:
    """Its driver may have given the queues a size that the target takes."""
    twin, target = recording("blk@10.0.13"), recording("blk@11.1.3")
    gaps = (*twin.gaps, Gap(DEVICE_STATE, "denied"))
    now = msgspec.structs.replace(twin, moment="running", gaps=gaps)
    forward = judge(now, target).forward
    finding = only(forward, "queue_size_exceeded_on_target")
    assert (finding.certainty, finding.undecided) == ("possible", True)
    assert forward.verdict == "unknown"
    assert judge(target, now).forward.verdict == judge(target, twin).forward.verdict
