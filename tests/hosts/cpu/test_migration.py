from __future__ import annotations

import msgspec
import pytest

from qcompat.hosts.capture import HostCapture, Processor, Tsc
from qcompat.hosts.cpu.guest_cpu import parse_cpu
from qcompat.hosts.cpu.migration import CpuMigration, migrate_cpu
from tests.hosts.samples import VALUES, host, offered


def _move(source: HostCapture, target: HostCapture, guest: str) -> CpuMigration:
    masks, (one, other) = offered(source, target)
    return migrate_cpu(masks, one, other, parse_cpu(guest))


def test_a_missing_feature_blocks_with_enforce() -> None:
    move = _move(host("a"), host("b", minus=("avx2",)), "Haswell-v1,enforce")
    assert move.outcome == "blocked"
    assert move.refusal == "the guest does not start on b: enforce, and the host lacks avx2"


def test_a_missing_feature_drifts_without_enforce() -> None:
    move = _move(host("a"), host("b", minus=("avx2",)), "Haswell-v1")
    assert (move.outcome, move.lost, move.fatal) == ("drift", ("avx2",), ())


def test_a_missing_feature_with_state_is_said_to_end_the_migration() -> None:
    move = _move(host("a"), host("b", minus=("pcid",)), "Haswell-v1")
    assert move.fatal == ("pcid (CR4)",)


def test_an_added_feature_drifts() -> None:
    move = _move(host("a", minus=("avx2",)), host("b"), "Haswell-v1")
    assert (move.outcome, move.lost, move.gained) == ("drift", (), ("avx2",))


def test_what_the_guest_does_not_ask_for_makes_no_difference() -> None:
    move = _move(host("a", plus=("stibp",)), host("b"), "Haswell-v1,enforce")
    assert move.outcome == "ok"


def test_what_the_guest_turned_off_makes_no_difference() -> None:
    move = _move(host("a"), host("b", minus=("avx2",)), "Haswell-v1,-avx2,enforce")
    assert move.outcome == "ok"


def test_what_the_guest_asks_for_besides_counts() -> None:
    move = _move(host("a", plus=("stibp",)), host("b"), "Haswell-v1,+stibp,enforce")
    assert move.outcome == "blocked"


def test_a_model_the_target_does_not_have_blocks() -> None:
    move = _move(host("a"), host("b"), "Broadwell-v1")
    assert move.outcome == "blocked"
    assert "no CPU model Broadwell-v1" in move.refusal


def test_a_property_the_target_does_not_have_blocks() -> None:
    known = tuple(sorted(host("x").builds[0].features))
    move = _move(host("a", plus=("stibp",)), host("b", known=known), "Haswell-v1,+stibp")
    assert move.refusal == "the guest does not start on b: this build has no property stibp"


def test_host_takes_its_values_along() -> None:
    move = _move(host("a"), host("b", values={**VALUES, "model": 158}), "host")
    assert [(each.name, each.source, each.target) for each in move.values] == [("model", 94, 158)]
    assert _move(host("a"), host("b", values={**VALUES, "model": 158}), "Haswell-v1").values == ()


def test_a_guest_with_a_feature_that_does_not_migrate_stays() -> None:
    one, other = host("a", unmigratable=("invtsc",)), host("b", unmigratable=("invtsc",))
    assert "invtsc" in _move(one, other, "Haswell-v1,+invtsc").refusal
    fixed = "Haswell-v1,+invtsc,tsc-frequency=2500000000"
    assert _move(one, other, fixed).outcome == "ok"


def test_host_on_a_host_where_it_does_not_start_needs_the_feature_off() -> None:
    refused = host("b", refused=("arch-capabilities", "mds-no"), refusal="failed to set MSR")
    assert "the kernel refuses arch-capabilities" in _move(host("a"), refused, "host").refusal
    assert _move(host("a"), refused, "host,arch-capabilities=off").outcome == "ok"


def _changes(move: CpuMigration) -> list[tuple[str, object, object]]:
    return [(each.name, each.source, each.target) for each in move.values]


NARROW = {**VALUES, "phys-bits": 39}


def test_the_width_of_addresses_is_the_hosts_where_the_guest_says_so() -> None:
    move = _move(host("a"), host("b", values=NARROW), "Haswell-v1,host-phys-bits=on")
    assert (move.outcome, _changes(move)) == ("drift", [("phys-bits", 46, 39)])
    assert _move(host("a"), host("b", values=NARROW), "Haswell-v1").outcome == "ok"


def test_a_limit_of_the_width_helps_only_where_both_hosts_reach_it() -> None:
    narrow = host("b", values=NARROW)
    assert _move(host("a"), narrow, "host,host-phys-bits-limit=39").outcome == "ok"
    assert _changes(_move(host("a"), narrow, "host,host-phys-bits-limit=42")) == [
        ("phys-bits", 42, 39)
    ]
    assert _changes(_move(host("a"), narrow, "host,phys-bits=39")) == [("phys-bits", 46, 39)]


def test_a_width_of_the_guests_own_that_the_target_lacks_drifts() -> None:
    move = _move(host("a"), host("b", values=NARROW), "Haswell-v1,phys-bits=46")
    assert move.outcome == "drift"
    assert move.remarks == ("the guest's addresses have 46 bits, those of b have 39",)


@pytest.mark.parametrize("name", ["vendor", "family", "phys-bits"])
def test_a_value_of_host_that_is_not_told_leaves_it_unknown(name: str) -> None:
    values = {key: value for key, value in VALUES.items() if key != name}
    silent = msgspec.structs.replace(host("b", values=values), processor=Processor())
    move = _move(host("a"), silent, "host")
    assert (move.outcome, move.values, move.untold) == ("unknown", (), (name,))


def test_caches_of_the_host_count_where_they_are_shown_to_the_guest() -> None:
    one = msgspec.structs.replace(host("a"), processor=Processor(caches=("L1 32K",)))
    other = msgspec.structs.replace(host("b"), processor=Processor(caches=("L1 48K",)))
    guest = "Haswell-v1,host-cache-info=on"
    assert _changes(_move(one, other, guest)) == [("caches", "L1 32K", "L1 48K")]
    assert _move(one, other, "Haswell-v1").outcome == "ok"
    assert _move(one, host("b"), guest).outcome == "unknown"


def test_host_with_all_that_does_not_migrate_stays() -> None:
    one, other = host("a", unmigratable=("invtsc",)), host("b", unmigratable=("invtsc",))
    assert _move(one, other, "host").outcome == "ok"
    assert "invtsc" in _move(one, other, "host,migratable=off").refusal
    assert _move(one, other, "host,migratable=off,invtsc=off").outcome == "ok"


def test_a_foreign_capture_does_not_tell_what_does_not_migrate() -> None:
    foreign = msgspec.structs.replace(host("b"), origin="qmp replies")
    assert _move(host("a"), foreign, "host,migratable=off").outcome == "unknown"


def test_a_rate_of_the_guests_own_is_refused_where_the_host_cannot_run_it() -> None:
    guest = "Haswell-v1,tsc-frequency=2500000000"
    slow, scaling = host("b", tsc=Tsc(2_000_000, False)), host("b", tsc=Tsc(2_000_000, True))
    assert _move(host("a"), slow, guest).outcome == "blocked"
    assert _move(host("a"), scaling, guest).outcome == "ok"
    assert _move(host("a"), host("b", tsc=Tsc()), guest).outcome == "unknown"


def test_a_clock_that_is_not_told_is_named() -> None:
    move = _move(host("a"), host("b", tsc=Tsc()), "Haswell-v1")
    assert (move.outcome, move.untold) == ("ok", ("the rate of the clock",))
