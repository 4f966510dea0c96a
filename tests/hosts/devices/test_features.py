"""The table of properties and features agrees with what real builds have."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.errors import CommandError
from qcompat.hosts.backends.model import offloads
from qcompat.hosts.devices.features import bit_of, features_of, kind_of, table
from qcompat.qemu.launch import launch


def test_every_tap_need_is_something_that_a_tap_can_have() -> None:
    known = {"", "vnet_hdr", "multiqueue", *(each.name for each in offloads())}
    assert {row.tap for row in table().feature} <= known


def test_no_feature_is_governed_twice() -> None:
    for kind in table().kind:
        bits = [bit_of(kind.number, row.name) for row in features_of(kind)]
        assert len(bits) == len(set(bits)), kind.name


def test_relatives_of_a_type_are_of_its_kind() -> None:
    kind = kind_of("virtio-net-pci-transitional")
    assert kind is not None
    assert kind == kind_of("virtio-net")
    assert kind_of("e1000") is None


@pytest.mark.lab
async def test_builds_have_the_properties_since_the_release_that_the_table_says(
    builds: Mapping[str, Build],
) -> None:
    checked = 0
    for version, build in builds.items():
        async with launch(command(build, kvm=False), ("-machine", "none")) as qemu:
            for kind in (kind for kind in table().kind if kind.types):
                try:
                    rows = await qemu.execute("device-list-properties", {"typename": kind.types[0]})
                except CommandError:
                    continue
                names = {row["name"] for row in rows}
                for row in features_of(kind):
                    there = _numbers(row.since) <= _numbers(version)
                    there = there and not (
                        row.until and _numbers(version)[:2] > _numbers(row.until)
                    )
                    assert (row.property in names) == there, (version, kind.name, row.property)
                    checked += 1
    assert checked > 100


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split(".") if part)
