"""A running guest of which one disk told its queues and another did not."""

from __future__ import annotations

from collections.abc import Callable

from qcompat.lineage.carried import Carried, arrive, reset
from qcompat.lineage.observed import covers_virtio, verdict_of_observed
from qcompat.portrait.portrait import Gap, Portrait
from qcompat.portrait.running.observed import Observed, VirtioNow

Recording = Callable[[str], Portrait]
TOLD = VirtioNow("pcie.0/09.0/x", "0000:00:09.0", {}, is_driven=True, agreed=0)
UNTOLD = Gap("virtio of pcie.0/02.0/y", "another process may serve its queues")


def _seen(*gaps: Gap) -> Observed:
    return Observed("7.2.22", "", "pc-q35-7.2", "kvm", "running", virtio=(TOLD,), gaps=gaps)


def test_a_device_that_told_nothing_is_not_covered() -> None:
    assert covers_virtio(_seen(Gap("arguments", "not to be seen")))
    assert not covers_virtio(_seen(UNTOLD))


def test_what_only_the_time_before_a_reset_shows_is_left_open(recording: Recording) -> None:
    born, here, target = (recording(f"blk@{v}") for v in ("10.0.13", "7.2.22", "11.1.3"))
    travelled = reset(arrive(Carried(born), here), here)
    assert travelled.former
    verdict = verdict_of_observed(travelled, _seen(UNTOLD), target)
    assert verdict.verdict == "unknown"
    assert verdict_of_observed(Carried(travelled.portrait), _seen(), target).verdict != "unknown"
