from __future__ import annotations

from qcompat.hosts.capture import HostCapture
from qcompat.hosts.guest_cpu import parse_cpu
from qcompat.hosts.move import Move, compare_move
from tests.hosts.samples import VALUES, host, offered


def _move(source: HostCapture, target: HostCapture, guest: str) -> Move:
    universe, (one, other) = offered(source, target)
    return compare_move(universe, one, other, parse_cpu(guest))


def test_a_missing_feature_blocks_with_enforce() -> None:
    move = _move(host("a"), host("b", minus=("avx2",)), "Haswell-v1,enforce")
    assert move.outcome == "blocked"
    assert move.refusal == "it does not start on b: enforce, and the host lacks avx2"


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
    assert move.refusal == "it does not start on b: this build has no property stibp"


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
