"""Virtio devices in parts: registers, features, queues, configuration, subsections."""

from __future__ import annotations

import pytest

from qcompat.stream.decode.field import Field
from qcompat.stream.decode.virtio.config import kinds
from qcompat.stream.decode.virtio.features import feature_names
from qcompat.stream.decode.virtio.subsections import shapes
from qcompat.stream.fields import fields
from qcompat.stream.virtio.subsections import _LENGTHS
from tests.stream.conftest import RECORDINGS, recorded
from tests.stream.decode.parts import every, part

BOOTED = "debian-7.2.22-pc-q35-7.2-booted"
DISK = "0000:00:01.0/virtio-blk"


def device(name: str, idstr: str) -> Field:
    section = next(each for each in recorded(name).sections if each.idstr == idstr)
    return next(each for each in fields(section) if each.type == "virtio")


@pytest.mark.parametrize(
    ("path", "value", "meaning"),
    [
        ("pci/BAR 1", 0xFEBFE000, "32-bit memory at 0xfebfe000"),
        ("pci/configuration vector", 0xFFFF, "none"),
        ("status", 15, "ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK"),
        ("features, bits 0 to 31", 0x44, "seg_max, blk_size"),
        ("configuration/capacity", 2048, ""),
        ("configuration/seg_max", 510, ""),
        ("queue 0", None, "size 256 of 512, at 0x1fdd000"),
        ("queue 0/last available index", 1, ""),
        ("device state/end of requests", b"\0", "no requests in flight"),
        ("<virtio/64bit_features>/features", 0x100000044, "seg_max, blk_size, version_1"),
        ("<virtio/virtqueues>/queue 0/used ring", 0x1FDF000, "0x1fdf000"),
        ("<virtio/virtqueues>/unused queues", None, "1023 queues, all alike"),
        ("<virtio/ringsize>/queue 0/default size", 512, ""),
        ("<virtio/started>/started", True, ""),
    ],
)
def test_a_disk_that_firmware_has_used(path: str, value: object, meaning: str) -> None:
    found = part(device(BOOTED, DISK), path)
    assert (found.value, found.meaning) == (value, meaning)


def test_addresses_in_two_words_are_put_together() -> None:
    base = "<virtio/extra_state>/<virtio_pci/modern_state>/queue 0"
    found = part(device(BOOTED, DISK), base + "/descriptors")
    assert (found.value, found.meaning) == ((0x1FDD000, 0), "0x1fdd000")
    assert part(device(BOOTED, DISK), base + "/enabled").value is True


@pytest.mark.parametrize("name", RECORDINGS)
def test_nothing_of_a_device_is_opaque(name: str) -> None:
    for section in recorded(name).sections:
        for field in fields(section):
            if field.type == "virtio":
                assert not [each.path for each in every(field) if each.is_opaque]


@pytest.mark.parametrize("build", ["5.2.0", "7.2.22", "10.0.13", "11.1.3"])
def test_devices_on_ccw(build: str) -> None:
    name = next(each for each in RECORDINGS if build in each and each.endswith("-ccw"))
    found = [
        part(field, "ccw/subchannel/identity: control unit type").value
        for section in recorded(name).sections
        for field in fields(section)
        if field.type == "virtio"
    ]
    assert found and set(found) == {0x3832}


def test_the_kind_of_an_mmio_device_follows_from_its_section() -> None:
    found = device("debian-10.0.13-microvm-mmio", "virtio-mmio@00000000feb02e00/virtio-blk")
    assert found.meaning.startswith("block device")
    assert part(found, "queue 0/alignment").size == 4


def test_paths_are_unique() -> None:
    paths = [each.path for each in every(device(BOOTED, DISK))]
    assert len(set(paths)) == len(paths)


def test_the_tables_fit_together() -> None:
    for name, shape in shapes().items():
        head = sum(row.size * row.times for row in shape.head)
        queue = sum(row.size * row.times for row in shape.queue)
        assert _LENGTHS[name] == head + 1024 * queue
    assert set(shapes()) == set(_LENGTHS)
    assert {int(number) for number in feature_names().device} <= set(kinds())


@pytest.mark.parametrize("number", sorted(kinds()))
def test_rows_of_configuration_space_are_in_order(number: int) -> None:
    at = 0
    for row in kinds()[number].config:
        assert row.offset >= at, row
        at = row.offset + row.size * row.times
