"""Parts that no portrait shows: the verdict is open, or what the build says of them."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from qcompat.guest.guest import Loss, Uncovered
from qcompat.portrait.portrait import Portrait
from qcompat.report.finding import summary_text
from qcompat.verdict.judge import judge

Recording = Callable[[str], Portrait]


def left_out(portrait: Portrait, *parts: Uncovered) -> Portrait:
    guest = msgspec.structs.replace(portrait.guest, uncovered=parts)
    return msgspec.structs.replace(portrait, guest=guest)


def test_a_host_device_leaves_both_ways_open_and_is_the_first_reason(recording: Recording) -> None:
    judgement = judge(recording("vfio@7.2.22"), recording("vfio@10.0.13"))
    for verdict in (judgement.forward, judgement.back):
        assert verdict.verdict == "unknown"
        assert verdict.findings[0].rule == "uncovered_part_unproven"
        assert verdict.findings[0].subject.type == "vfio-pci"
        assert "-device vfio-pci,host=01:00.0" in summary_text(verdict.findings[0])
        assert verdict.tried == "ok", "the rest of the answer follows"


def test_a_host_device_stays_open_between_equal_builds(recording: Recording) -> None:
    portrait = recording("vfio@10.0.13")
    assert judge(portrait, portrait).forward.verdict == "unknown"


@pytest.mark.parametrize(
    ("loses", "promise", "answer", "about_loads"),
    [
        ("state", "loads", "unknown", "unknown"),
        ("view", "unchanged", "unknown", "ok"),
        ("migration", "loads", "blocked", "blocked"),
        ("condition", "loads", "ok", "ok"),
        ("nothing", None, "ok", "ok"),
    ],
)
def test_what_is_lost_decides_which_promise_is_open(
    recording: Recording, loses: Loss, promise: str | None, answer: str, about_loads: str
) -> None:
    portrait = left_out(recording("empty@7.2.22"), Uncovered("-x y", "not read", loses))
    forward = judge(portrait, portrait).forward
    assert forward.verdict == answer
    assert forward.about("loads") == about_loads
    assert [finding.promise for finding in forward.findings] == ([promise] if promise else [])


def test_an_open_view_comes_before_the_changes_that_are_seen(recording: Recording) -> None:
    part = Uncovered("-acpitable file=x", "an ACPI table of the user is not read", "view")
    ends = (recording("empty@5.2.0"), recording("empty@7.2.22"))
    forward = judge(left_out(ends[0], part), left_out(ends[1], part)).forward
    assert forward.verdict == "unknown"
    assert forward.about("loads") == "ok"
    assert forward.about("running") == "unknown"
    assert forward.findings[0].rule == "uncovered_part_unproven"


def test_a_state_without_fields_blocks_on_the_end_that_says_so(recording: Recording) -> None:
    judgement = judge(recording("vhost-user-fs@7.2.22"), recording("vhost-user-fs@10.0.13"))
    assert judgement.forward.verdict == judgement.back.verdict == "blocked"
    assert "The source cannot save this guest" in summary_text(judgement.forward.findings[0])
    assert "can neither save nor load" in summary_text(judgement.back.findings[0])
    assert not [f for f in judgement.forward.findings if f.rule == "uncovered_part_unproven"]


def test_a_build_that_migrates_the_device_leaves_it_open(recording: Recording) -> None:
    portrait = recording("vhost-user-fs@10.0.13")
    assert judge(portrait, portrait).forward.verdict == "unknown"


def test_a_device_that_a_build_does_not_have_blocks(recording: Recording) -> None:
    judgement = judge(recording("vhost-user-rng@10.0.13"), recording("vhost-user-rng@5.2.0"))
    (finding,) = [f for f in judgement.forward.findings if f.rule == "uncovered_device_missing"]
    assert finding.certainty == "likely"
    assert "no device vhost-user-rng-pci" in summary_text(finding)


def test_a_mounted_share_is_a_condition_and_leaves_the_answer(recording: Recording) -> None:
    forward = judge(recording("share@7.2.22"), recording("share@10.0.13")).forward
    assert forward.verdict == "drift"
    (finding,) = [f for f in forward.findings if f.rule == "migration_blocker_added"]
    assert (finding.promise, finding.certainty, finding.undecided) == ("loads", "possible", False)
    assert "the guest has the shared directory mounted" in summary_text(finding)


def test_what_bars_the_migration_is_not_also_open(recording: Recording) -> None:
    given = "-device vhost-scsi-pci,wwpn=naa.5"
    parts = (
        Uncovered(given, "vhost is never opened", "state", "vhost-scsi-pci"),
        Uncovered(given, "migrated only with migratable=on", "migration", "vhost-scsi-pci"),
    )
    portrait = left_out(recording("empty@7.2.22"), *parts)
    forward = judge(portrait, portrait).forward
    assert forward.verdict == "blocked"
    assert [(f.rule, f.certainty) for f in forward.findings] == [
        ("uncovered_state_missing", "likely")
    ]


def test_facts_that_could_not_be_learned_say_nothing_of_a_device(recording: Recording) -> None:
    def unlearned(portrait: Portrait) -> Portrait:
        facts = msgspec.structs.replace(portrait.facts, devices=(), lost={"devices": "died"})
        return msgspec.structs.replace(portrait, facts=facts)

    ends = (recording("vfio@7.2.22"), unlearned(recording("vfio@10.0.13")))
    assert judge(*ends).forward.verdict == "unknown"


def test_what_the_rest_of_the_guest_breaks_comes_before_what_is_open(recording: Recording) -> None:
    part = Uncovered("-device vfio-pci", "a host device is never opened", "state", "vfio-pci")
    ends = (recording("blk@10.0.13"), recording("blk@11.1.3"))
    forward = judge(left_out(ends[0], part), left_out(ends[1], part)).forward
    assert forward.verdict == "blocked"
    rules = [finding.rule for finding in forward.findings[:2]]
    assert rules == ["queue_size_exceeded_on_target", "uncovered_part_unproven"]


def test_a_back_end_that_the_target_does_not_know_blocks_for_sure_and_says_what_will_do(
    recording: Recording,
) -> None:
    forward = judge(recording("stream-net@7.2.22"), recording("stream-net@5.2.0")).forward
    (finding,) = [f for f in forward.findings if f.rule == "uncovered_option_missing"]
    assert (forward.verdict, finding.certainty) == ("blocked", "certain")
    assert "-netdev stream" in summary_text(finding)
    assert "-netdev user,id=n0" in summary_text(finding)
    assert forward.tried != "blocked", "the guest itself is not what bars it"


def test_a_module_that_is_not_installed_is_likely_to_block_and_is_named(
    recording: Recording,
) -> None:
    forward = judge(recording("pulse@5.2.0"), recording("pulse@10.0.13")).forward
    (finding,) = [f for f in forward.findings if f.rule == "uncovered_option_missing"]
    assert (forward.verdict, finding.certainty) == ("blocked", "likely")
    assert "qemu-system-gui" in summary_text(finding)
    assert "-audiodev none,id=a0" in summary_text(finding)


def test_a_module_that_the_source_lacks_here_as_well_bars_nothing(recording: Recording) -> None:
    judgement = judge(recording("pulse@7.2.22"), recording("pulse@10.0.13"))
    for verdict in (judgement.forward, judgement.back):
        (finding,) = [f for f in verdict.findings if f.rule == "uncovered_option_missing"]
        assert (verdict.verdict in ("ok", "drift"), finding.certainty) == (True, "possible")


def test_an_option_that_is_only_spelled_otherwise_is_no_finding(recording: Recording) -> None:
    ends = recording("no-acpi@7.2.22"), recording("no-acpi@10.0.13")
    assert ends[1].refused and not ends[0].refused
    rules = {finding.rule for finding in judge(*ends).forward.findings}
    assert "uncovered_option_missing" not in rules
