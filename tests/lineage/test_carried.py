"""What a guest carries, on real portraits: state travels, properties do not."""

from __future__ import annotations

from collections.abc import Callable

from qcompat.lineage.carried import Carried, arrive, carried, reset
from qcompat.lineage.chain import shortest_chain
from qcompat.lineage.leftover import builds_that_clear, leftovers
from qcompat.lineage.lineage import Placement, PowerCycle
from qcompat.lineage.verdict import verdict_on
from qcompat.portrait.portrait import Portrait
from qcompat.report.finding import summary_text
from tests.lineage.events import IDENTITY, started

Recording = Callable[[str], Portrait]


def test_queue_sizes_travel_over_a_build_that_would_not_give_them(recording: Recording) -> None:
    guest = arrive(Carried(recording("rng@10.0.13")), recording("rng@7.2.22"))
    assert verdict_on(guest, recording("rng@11.1.3")).verdict == "blocked"
    (found,) = leftovers(guest, recording("rng@7.2.22"))
    assert (found.carries, found.here, found.is_sure) == ("1024", "8", True)


def test_a_build_sends_its_own_size_after_a_reset_along_with_what_travelled(
    recording: Recording,
) -> None:
    """So no further hop, not even to the same build, changes what the guest then finds."""
    own = recording("rng@7.2.22")
    guest = arrive(Carried(recording("rng@10.0.13")), own)
    for target in (own, recording("rng@10.0.13")):
        rules = {finding.rule for finding in verdict_on(guest, target).findings}
        assert not rules & {"queue_size_changed", "queue_size_exceeded_on_target"}


def test_what_its_own_build_gives_is_no_leftover(recording: Recording) -> None:
    own = recording("rng@10.0.13")
    assert leftovers(Carried(own), own) == ()


def test_a_guest_born_elsewhere_does_not_catch_it_without_a_reset(recording: Recording) -> None:
    born = Carried(recording("rng@7.2.22"))
    there = arrive(born, recording("rng@10.0.13"))
    assert verdict_on(there, recording("rng@11.1.3")).verdict in ("ok", "drift")
    after = reset(there, recording("rng@10.0.13"))
    assert verdict_on(after, recording("rng@11.1.3")).verdict == "blocked"


def test_a_reset_on_a_build_without_the_change_leaves_it_open(recording: Recording) -> None:
    guest = arrive(Carried(recording("rng@10.0.13")), recording("rng@7.2.22"))
    after = reset(guest, recording("rng@7.2.22"))
    verdict = verdict_on(after, recording("rng@11.1.3"))
    assert verdict.verdict == "unknown"
    assert any("carry --qmp" in summary_text(finding) for finding in verdict.findings)
    (found,) = leftovers(after, recording("rng@7.2.22"))
    assert not found.is_sure


def test_a_reset_where_it_was_born_changes_nothing(recording: Recording) -> None:
    own = recording("blk@10.0.13")
    assert reset(Carried(own), own) == Carried(own)


def test_properties_are_those_of_the_build_where_it_lives(recording: Recording) -> None:
    own = recording("blk@7.2.22")
    now = arrive(Carried(recording("blk@10.0.13")), own).portrait
    assert now.devices == own.devices
    assert now.virtio == own.virtio
    assert now.stream != own.stream


def test_arriving_where_it_came_from_is_no_change(recording: Recording) -> None:
    own = recording("rng@10.0.13")
    assert arrive(Carried(own), own).portrait == own


def test_a_power_off_is_what_clears_it_and_where(recording: Recording) -> None:
    fresh = {build: recording(f"rng@{build}") for build in ("7.2.22", "10.0.13", "11.1.3")}
    assert builds_that_clear("11.1.3", fresh) == ("7.2.22", "11.1.3")


def test_there_is_no_chain_around_what_travels(recording: Recording) -> None:
    pictures = {build: recording(f"rng@{build}") for build in ("7.2.22", "10.0.13", "11.1.3")}
    guest = Carried(pictures["10.0.13"])
    assert shortest_chain(guest, "11.1.3", pictures) == ()
    assert [leg.build for leg in shortest_chain(guest, "7.2.22", pictures)] == ["7.2.22"]


def test_a_chain_goes_over_a_build_that_takes_what_the_target_refuses(
    recording: Recording,
) -> None:
    """A guest reset on the stop would not be barred; one that only passes through is."""
    pictures = {build: recording(f"rng@{build}") for build in ("7.2.22", "11.1.3")}
    fresh = reset(arrive(Carried(recording("rng@10.0.13")), pictures["7.2.22"]), pictures["7.2.22"])
    forgotten = Carried(fresh.portrait)
    assert [leg.build for leg in shortest_chain(forgotten, "11.1.3", pictures)] == ["11.1.3"]


def test_without_a_portrait_of_every_stay_nothing_is_said(recording: Recording) -> None:
    placements = (Placement("a", IDENTITY, "t", "p"), Placement("b", IDENTITY, "t", "gone"))
    assert carried(PowerCycle(started(), placements), {"p": recording("rng@10.0.13")}) is None
