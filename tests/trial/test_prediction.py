"""Which finding foretold a failure."""

from __future__ import annotations

from qcompat.guest.guest import Guest
from qcompat.qemu.outcome import Outcome
from qcompat.rules.finding import Finding
from qcompat.rules.subject import GUEST, Subject
from qcompat.trial.cause import Cause
from qcompat.trial.prediction import predict, predicted_by, with_first_prediction
from qcompat.trial.trial import Hop, Trial


def finding(rule: str, subject: Subject = GUEST, promise: str = "loads") -> Finding:
    return Finding(rule, "loads" if promise == "loads" else "unchanged", "certain", subject, {}, ())


CAUSE = Cause(
    "queue size",
    "too large",
    subject=Subject("device", "virtio-rng-pci", address="0000:00:01.0"),
    section="0000:00:01.0/virtio-rng",
    rules=("queue_size_exceeded_on_target",),
)
RULE = "queue_size_exceeded_on_target"
HERE = Subject("device", "virtio-rng-pci", address="0000:00:01.0")
THERE = Subject("device", "virtio-blk-pci", address="0000:00:02.0")


def test_the_finding_of_the_rule_and_the_device_comes_first() -> None:
    wanted = finding(RULE, HERE)
    others = (finding("pci_register_changed", HERE), finding(RULE, THERE))
    assert predicted_by(CAUSE, (*others, wanted)) == wanted


def test_another_fatal_finding_of_the_device_is_the_next_best() -> None:
    other = finding("section_version_raised", HERE)
    assert predicted_by(CAUSE, (finding(RULE, THERE), other)) == other


def test_a_finding_of_another_device_foretold_nothing() -> None:
    assert predicted_by(CAUSE, (finding(RULE, THERE),)) is None


def test_what_a_guest_would_only_notice_foretold_nothing() -> None:
    assert predicted_by(CAUSE, (finding(RULE, HERE, "unchanged"),)) is None


def test_a_cause_of_the_whole_guest_is_found_by_its_rule() -> None:
    cause = Cause("machine type", "another", rules=("machine_type_changed",))
    wanted = finding("machine_type_changed")
    assert predicted_by(cause, (finding(RULE, THERE), wanted)) == wanted


def test_a_cause_that_is_not_understood_is_foretold_by_the_only_fatal_finding() -> None:
    wanted = finding(RULE, THERE)
    assert predicted_by(None, (wanted, finding("bar_changed", HERE, "unchanged"))) == wanted
    assert predicted_by(None, (wanted, finding(RULE, HERE))) is None


def test_a_crash_without_a_word_is_foretold_by_what_is_said_of_the_whole_guest() -> None:
    wanted = finding("state_missing_on_source")
    assert predicted_by(None, (finding(RULE, THERE), wanted, finding(RULE, HERE))) == wanted


def test_a_missing_portrait_leaves_the_reason() -> None:
    assert predict(("the disk was full", "the disk was full")).lacking == "the disk was full"


def test_only_the_first_hop_of_a_trial_without_streams_is_foretold() -> None:
    hops = tuple(Hop("a", "b", Outcome("loaded")) for _ in range(2))
    trial = Trial(Guest("pc", ()), "canary", "multifd", ("a", "b", "a"), hops)
    predicted = with_first_prediction(trial, ("none of a", "none of b", "none of a"))
    assert "none of a" in predicted.hops[0].unpredicted
    assert "none of a" not in predicted.hops[1].unpredicted
