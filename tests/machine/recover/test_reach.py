"""Which drivers reach a property of a device, and what a table then makes of it."""

from __future__ import annotations

import pytest

from qcompat.machine.recover import Reach
from tests.machine.recover.observations_writer import TYPES, device, table

REACH = Reach(TYPES)


def test_entries_for_the_device_inside_reach_what_the_proxy_shows() -> None:
    assert "virtio-net-device" in REACH.drivers("virtio-net-pci", "mq")
    assert "virtio-net-device" not in REACH.drivers("virtio-net-pci", "addr")


@pytest.mark.parametrize("turn", [1, -1])
def test_an_entry_for_the_proxy_wins_whatever_the_order(turn: int) -> None:
    entries = table(("virtio-net-pci", "mq", "1"), ("virtio-net-device", "mq", "2"))[::turn]
    assert REACH.apply("virtio-net-pci", {"mq": "0"}, entries) == {"mq": "1"}


def test_of_two_entries_for_one_device_the_later_wins() -> None:
    entries = table(("card", "speed", "1"), ("device", "speed", "2"))
    assert REACH.apply("fast-card", {}, entries) == {"speed": "2"}


def test_a_property_that_the_type_lacks_is_not_set() -> None:
    assert REACH.apply("serial", {}, table(("device", "speed", "2"))) == {}


def test_a_property_that_only_devices_show_is_set() -> None:
    reach = Reach(TYPES, {"serial": {"legacy-irq": "0"}})
    assert reach.apply("serial", {}, table(("serial", "legacy-irq", "1"))) == {"legacy-irq": "1"}


def test_an_abstract_device_that_tells_nothing_has_what_all_below_have() -> None:
    silent = device("card", "pci-device", abstract=True)
    reach = Reach({**TYPES, "card": silent, "pci-device": device("pci-device", abstract=True)})
    assert reach.has("card", "speed")
    assert reach.has("pci-device", "addr")
    assert not reach.has("pci-device", "speed")


def test_a_type_that_is_not_in_the_tree_is_reached_by_its_own_name_only() -> None:
    assert REACH.drivers("unheard-of", "addr") == ("unheard-of",)
