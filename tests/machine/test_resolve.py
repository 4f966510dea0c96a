from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import pytest

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.errors import UsageError
from qcompat.machine.ask.tables import ask_tables
from qcompat.machine.ask.types import ask_types
from qcompat.machine.layers import embedded
from qcompat.machine.model import CompatEntry, TypeFact
from qcompat.machine.resolve import Resolved, Unknown, aborting_entries, dead_entries, resolve
from qcompat.machine.tables import Tables
from qcompat.machine.value import canonical
from qcompat.portrait.monitor_info import read_qtree
from qcompat.portrait.portrait import Accel
from qcompat.qemu.launch import launch


def _entry(text: str) -> CompatEntry:
    where, _, value = text.partition("=")
    driver, _, name = where.partition(".")
    return CompatEntry(driver, name, value)


def _types(*facts: TypeFact) -> dict[str, TypeFact]:
    return {fact.name: fact for fact in facts}


QUEUES = {"queues": "65535", "event_idx": "on"}
TYPES = _types(
    TypeFact("device", ("object",), True),
    TypeFact("pci-device", ("device", "object", "vmstate-if"), True),
    TypeFact("nic", ("pci-device", "device", "object", "express"), False, {"mask": "on", "x": "1"}),
    TypeFact("virtio-device", ("device", "object"), True),
    TypeFact("virtio-disk", ("virtio-device", "device", "object"), False, QUEUES),
    TypeFact("virtio-rng", ("virtio-device", "device", "object"), False, {"event_idx": "on"}),
    TypeFact("virtio-disk-pci", ("pci-device", "device", "object"), False, {"mask": "on"} | QUEUES),
)


def _one(
    device_type: str,
    name: str,
    table: Sequence[str] = (),
    *,
    base: Mapping[str, str] | None = None,
    given: Sequence[str] = (),
    device: Sequence[tuple[str, str]] = (),
    accelerator: Sequence[str] = (),
    sugar: Sequence[str] = (),
) -> Resolved:
    found = resolve(
        TYPES,
        [_entry(row) for row in table],
        device_type,
        base or {},
        [_entry(row) for row in given],
        device,
        accelerator=[_entry(row) for row in accelerator],
        sugar=[_entry(row) for row in sugar],
    )
    (one,) = [each for each in found if each.property == name]
    return one


def test_without_entries_the_class_default_stands() -> None:
    assert _one("nic", "mask") == Resolved("mask", "on", "default")


def test_base_stands_in_for_the_class_default() -> None:
    assert _one("nic", "x", base={"x": "0x10"}) == Resolved("x", "16", "default")


def test_a_property_that_nobody_tells_is_unknown() -> None:
    types = _types(TypeFact("nic", (), False, {"mac": None}))
    (mac,) = resolve(types, (), "nic", {})
    assert isinstance(mac.value, Unknown)
    (mac,) = resolve(types, (CompatEntry("nic", "mac", "1"),), "nic", {})
    assert (mac.value, mac.overridden) == ("1", ())


@pytest.mark.parametrize("driver", ["nic", "pci-device", "device", "express"])
def test_an_entry_reaches_a_type_by_itself_ancestor_or_interface(driver: str) -> None:
    assert _one("nic", "mask", [f"{driver}.mask=off"]).value == "off"


@pytest.mark.parametrize("driver", ["virtio-device", "nic-pci", "absent"])
def test_an_entry_for_another_type_does_not_reach_it(driver: str) -> None:
    assert _one("nic", "mask", [f"{driver}.mask=off"]).layer == "default"


def test_the_later_entry_of_a_table_wins() -> None:
    found = _one("nic", "mask", ["nic.mask=off", "pci-device.mask=true"])
    assert found.value == "on"
    assert found.entry == CompatEntry("pci-device", "mask", "true")
    assert found.overridden == (("default", "on"), ("machine", "off"))


def test_layers_are_written_in_order() -> None:
    found = _one(
        "nic",
        "x",
        ["nic.x=3"],
        accelerator=["nic.x=2"],
        sugar=["nic.x=4"],
        given=["nic.x=5"],
        device=[("x", "6")],
    )
    assert (found.value, found.layer, found.entry) == ("6", "device", None)
    assert found.overridden == (
        ("default", "1"),
        ("accelerator", "2"),
        ("machine", "3"),
        ("sugar", "4"),
        ("global", "5"),
    )


def test_an_entry_for_the_embedded_device_reaches_its_proxy() -> None:
    assert embedded(TYPES, "virtio-disk-pci") == "virtio-disk"
    found = _one("virtio-disk-pci", "queues", ["virtio-disk.queues=1"])
    assert (found.value, found.layer) == ("1", "machine")
    assert _one("virtio-disk-pci", "event_idx", ["virtio-device.event_idx=off"]).value == "off"


def test_a_proxy_s_table_entry_beats_a_global_for_its_embedded_device() -> None:
    """The embedded device is complete, globals and all, before the proxy's layers begin."""
    found = _one(
        "virtio-disk-pci", "queues", ["virtio-disk-pci.queues=1"], given=["virtio-disk.queues=4"]
    )
    assert (found.value, found.overridden[-1]) == ("1", ("global", "4"))


def test_nothing_is_embedded_in_other_devices() -> None:
    assert embedded(TYPES, "nic") is None
    assert embedded(TYPES, "virtio-disk") is None


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(UsageError, match="no such type"):
        resolve(TYPES, (), "nothing", {})


def test_an_entry_without_its_driver_is_dead() -> None:
    table = (CompatEntry("vhost-disk", "x", "1"), CompatEntry("vmstate-if", "x", "1"))
    assert dead_entries(TYPES, table) == table[:1]


def test_an_entry_whose_type_lacks_the_property_aborts() -> None:
    table = (CompatEntry("pci-device", "x", "1"),)
    assert aborting_entries(TYPES, table) == ((table[0], "virtio-disk-pci"),)


def test_a_property_that_a_build_hides_is_written_and_does_not_abort() -> None:
    entry = CompatEntry("nic", "legacy-cache", "on")
    assert aborting_entries(TYPES, (entry,)) == ()
    assert _one("nic", "legacy-cache", ["nic.legacy-cache=on"]).value == "on"


Asked = tuple[Mapping[str, TypeFact], Tables]
Ask = Callable[[str], Asked]


@pytest.fixture(scope="module")
def asked(builds: Mapping[str, Build], accel: Accel) -> Ask:
    kept: dict[str, Asked] = {}

    def ask(version: str) -> Asked:
        if version not in builds:
            pytest.skip(f"no build of {version}")
        if version not in kept:
            types, _ = asyncio.run(ask_types(builds[version], accel))
            tables: Tables | None = asyncio.run(ask_tables(builds[version]))
            kept[version] = types, tables or {}
        return kept[version]

    return ask


@pytest.mark.lab
@pytest.mark.parametrize(
    ("machine", "device", "name", "driver", "values"),
    [
        ("pc-q35-5.1", "virtio-blk-pci", "num-queues", "virtio-blk-device", ("65535", "1")),
        ("pc-q35-7.2", "e1000e", "x-pcie-err-unc-mask", "pci-device", ("on", "off")),
        ("pc-q35-6.0", "nvme-ns", "eui64-default", "nvme-ns", ("off", "on", "off")),
        ("pc-q35-7.0", "nvme-ns", "eui64-default", "nvme-ns", ("off", "on")),
        ("pc-q35-7.1", "virtio-rng-pci", "queue_reset", "virtio-device", ("on", "off")),
        ("pc-q35-8.1", "virtio-net-pci", "host_uso", "virtio-net-device", ("on", "off")),
    ],
)
def test_debian_10_0_13_resolves(
    asked: Ask, machine: str, device: str, name: str, driver: str, values: tuple[str, ...]
) -> None:
    types, tables = asked("10.0.13")
    found = {each.property: each for each in resolve(types, tables[machine], device, {})}[name]
    assert found.entry == CompatEntry(driver, name, values[-1])
    assert tuple(value for _, value in found.overridden) == values[:-1]
    assert found.value == values[-1]


@pytest.mark.lab
@pytest.mark.parametrize(
    ("machine", "given"),
    [
        ("pc-q35-4.1", "virtio-gpu-device.edid=off"),
        ("pc-q35-4.0", "virtio-gpu-device.edid=on"),
        ("pc-q35-4.0", "virtio-vga.edid=on"),
        ("pc-q35-4.0", ""),
    ],
)
async def test_a_real_device_has_the_value_resolved(
    asked: Ask, builds: Mapping[str, Build], accel: Accel, machine: str, given: str
) -> None:
    """The 4.0 table has entries for both devices; `info qtree` shows the embedded one's value."""
    types, tables = await asyncio.to_thread(asked, "10.0.13")
    entries = [_entry(given)] if given else []
    found = resolve(types, tables[machine], "virtio-vga", {}, entries)
    (edid,) = [each.value for each in found if each.property == "edid"]
    words = ["-accel", accel, "-machine", machine, "-nodefaults", "-device", "virtio-vga"]
    words += ["-global", given] if given else []
    async with launch(command(builds["10.0.13"], kvm=accel == "kvm"), words) as qemu:
        devices = {device.type: device for device in read_qtree(await qemu.monitor("info qtree"))}
    assert canonical(devices["virtio-gpu-device"].properties["edid"]) == edid


@pytest.mark.lab
def test_dead_entries_of_debian_10_0_13_name_what_it_was_built_without(asked: Ask) -> None:
    types, tables = asked("10.0.13")
    dead = {(entry.driver, entry.property) for entry in dead_entries(types, tables["pc-q35-2.4"])}
    assert ("vhost-blk-device", "seg_max_adjust") in dead
    assert ("pl011", "migrate-clk") in dead


@pytest.mark.lab
@pytest.mark.parametrize("version", ["10.0.2", "10.0.13", "11.1.3"])
def test_no_released_table_aborts(asked: Ask, version: str) -> None:
    types, tables = asked(version)
    assert not [found for table in tables.values() for found in aborting_entries(types, table)]


@pytest.mark.lab
@pytest.mark.parametrize("version", ["5.2.0", "7.2.22", "10.0.2", "10.0.13", "11.1.3"])
def test_proxies_embed_the_device_of_their_name(asked: Ask, version: str) -> None:
    types, _ = asked(version)
    assert embedded(types, "virtio-blk-pci-transitional") == "virtio-blk-device"
    assert embedded(types, "virtio-vga") == "virtio-gpu-device"
    assert embedded(types, "virtio-tablet-pci") == "virtio-tablet-device"
    assert embedded(types, "virtio-mouse-pci") == "virtio-mouse-device"
    assert embedded(types, "vhost-user-blk-pci") == "vhost-user-blk"
    others = [name for name in types if "usb-device" in types[name].ancestors]
    assert not [name for name in others if embedded(types, name)]
