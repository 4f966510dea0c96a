"""Recovered and reported tables compared by what they say of devices, not by their entries."""

from __future__ import annotations

from qcompat.machine.model import CompatEntry, TypeFact
from qcompat.machine.recover import recover
from tests.machine.recover.observations_writer import BASE, TYPES, observed, table
from tools.table_agreement import Agreement, Disagreement, Reason, agreement

NEW, OLD = "pc-q35-10.0", "pc-q35-9.2"
ALL = 2 * sum(len(values) for values in BASE.values())


def judged(really: tuple[CompatEntry, ...], told: tuple[CompatEntry, ...]) -> Agreement:
    seen = observed({NEW: (), OLD: really})
    return agreement(recover(seen, TYPES, (NEW, OLD)), {NEW: (), OLD: told}, seen, TYPES)


def test_entries_for_each_type_equal_one_for_their_ancestor() -> None:
    types = ("virtio-net-device", "virtio-rng-device")
    each = table(*((type, "packed", "1") for type in types))
    found = judged(each, each)
    assert (found.total, found.equal, found.disagreements) == (ALL, ALL, ())
    assert (found.spoken, found.spoken_equal) == (4, 4)


def test_a_change_that_no_entry_tells_is_unspoken() -> None:
    found = judged(table(("disk", "size", "1")), ())
    assert found.disagreements == (Disagreement(Reason.UNSPOKEN, "disk", "size", OLD, "1", "0"),)
    assert found.equal == ALL - 1
    assert found.by_reason() == {(Reason.UNSPOKEN, "disk", "size"): 1}


def test_an_entry_without_effect_is_overruled() -> None:
    found = judged((), table(("disk", "size", "1")))
    assert found.disagreements == (Disagreement(Reason.OVERRULED, "disk", "size", OLD, "0", "1"),)


def test_two_values_are_different() -> None:
    found = judged(table(("disk", "size", "1")), table(("disk", "size", "2")))
    assert [each.reason for each in found.disagreements] == [Reason.DIFFERENT]


def test_entries_for_what_was_not_seen_are_counted_but_not_judged() -> None:
    seen = observed({NEW: (), OLD: ()}, {"disk": BASE["disk"]})
    told = {NEW: (), OLD: table(("pci-device", "addr", "1"), ("absent", "addr", "1"))}
    found = agreement(recover(seen, TYPES, (NEW, OLD)), told, seen, TYPES)
    assert found.not_instantiated == 4
    assert [each.type for each in found.disagreements] == ["disk"]


def test_what_guests_decide_is_not_judged() -> None:
    seen, other = observed({NEW: ()}), observed({NEW: table(("disk", "size", "4"))})
    recovered = recover(seen, TYPES, (NEW,), [other])
    found = agreement(recovered, {NEW: table(("disk", "size", "1"))}, seen, TYPES)
    assert (found.configured, found.disagreements) == (1, ())
    assert found.share == 1.0


def test_nothing_to_compare_agrees() -> None:
    found = agreement(recover({}, TYPES, ()), {}, {}, TYPES)
    assert (found.total, found.share, found.spoken_share) == (0, 1.0, 1.0)


def test_a_property_that_the_device_works_out_is_told_apart() -> None:
    disk = TypeFact("disk", ("device",), False, {"size": "4294967295"})
    seen = observed({NEW: (), OLD: table(("disk", "size", "1"))})
    types = {**TYPES, "disk": disk}
    found = agreement(recover(seen, types, (NEW, OLD)), {NEW: (), OLD: ()}, seen, types)
    assert [each.reason for each in found.disagreements] == [Reason.COMPUTED]


def test_an_entry_for_a_proxy_speaks_of_the_device_seen_inside() -> None:
    really = table(("virtio-net-pci", "mq", "1"), ("virtio-net-device", "mq", "1"))
    assert judged(really, really[:1]).disagreements == ()
