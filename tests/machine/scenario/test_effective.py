from __future__ import annotations

import pytest

from qcompat.machine.model import CompatEntry
from qcompat.machine.scenario.effective import Refused, effective, entries
from qcompat.machine.scenario.model import Build, Device, DeviceType, Settings

KINDS = {
    "net-pci": DeviceType("net-pci", ("pci-device",), ("net-device",)),
    "net-device": DeviceType("net-device", ("virtio-device",)),
}
BUILD = Build(
    "3.0",
    "3.0",
    ("pc-1.0", "pc-2.0", "pc-3.0"),
    defaults={"net-device": {"queues": "4"}, "pci-device": {"mask": "on"}},
    tables={
        "hw_compat_1_0": (CompatEntry("net-device", "queues", "1"),),
        "hw_compat_2_0": (
            CompatEntry("net-device", "queues", "2"),
            CompatEntry("pci-device", "mask", "off"),
        ),
    },
)


def value(
    name: str, machine: str, given: Settings | None = None, own: dict[str, str] | None = None
) -> tuple[str, str]:
    device = Device("nic", "net-pci", own or {})
    setting = effective(BUILD, KINDS, machine, device, given or {})[name]
    return setting.value, str(setting.origin)


def test_the_oldest_table_wins() -> None:
    assert value("queues", "pc-3.0") == ("4", "default of 3.0")
    assert value("queues", "pc-2.0") == ("2", "hw_compat_2_0 of 3.0")
    assert value("queues", "pc-1.0") == ("1", "hw_compat_1_0 of 3.0")


def test_an_entry_matches_an_ancestor() -> None:
    assert value("mask", "pc-2.0") == ("off", "hw_compat_2_0 of 3.0")


def test_global_beats_a_table_and_device_beats_global() -> None:
    given = {"net-device": {"queues": "8"}}
    assert value("queues", "pc-1.0", given) == ("8", "-global net-device.queues=8")
    own = value("queues", "pc-1.0", given, {"queues": "16"})
    assert own == ("16", "-device net-pci,queues=16")


def test_a_property_that_the_build_lacks_is_refused() -> None:
    with pytest.raises(Refused, match=r"3\.0 has no property speed"):
        value("queues", "pc-1.0", {"net-device": {"speed": "1"}})
    with pytest.raises(Refused, match=r"3\.0 has no property speed"):
        value("queues", "pc-1.0", own={"speed": "1"})


def test_a_driver_that_does_not_match_says_nothing() -> None:
    assert value("queues", "pc-3.0", {"blk-device": {"speed": "1"}})[0] == "4"


def test_an_unversioned_machine_has_no_table() -> None:
    assert list(entries(BUILD, "microvm")) == []
    assert [name for name, _ in entries(BUILD, "pc-1.0")] == [
        "hw_compat_2_0",
        "hw_compat_2_0",
        "hw_compat_1_0",
    ]
