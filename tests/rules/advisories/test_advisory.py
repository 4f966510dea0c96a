"""Advisories: their files, and the versions and devices that they are about."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from qcompat.dataset import parse_table
from qcompat.errors import FileFormatError
from qcompat.portrait.portrait import Device, Portrait
from qcompat.rules.advisories.advisory import Advisory, advisories, affected

Recording = Callable[[str], Portrait]


def release(portrait: Portrait, version: str, *devices: Device) -> Portrait:
    identity = msgspec.structs.replace(portrait.identity, version=version)
    return msgspec.structs.replace(
        portrait, identity=identity, devices=(*portrait.devices, *devices)
    )


def advisory(**changes: object) -> Advisory:
    known = advisories()["q35_smram"]
    return msgspec.structs.replace(known, **changes)


@pytest.mark.parametrize("name", advisories())
def test_every_advisory_speaks_in_full(name: str) -> None:
    one = advisories()[name]
    assert all((one.title, one.symptom, one.cause, one.remedy, one.reference))
    assert one.devices and one.source and one.target


@pytest.mark.parametrize(
    ("version", "holds"),
    [("7.2.17", False), ("7.2.18", True), ("7.2.19", True), ("7.2.20", False), ("8.0", False)],
)
def test_range_of_versions(recording: Recording, version: str, holds: bool) -> None:
    source = recording("empty@5.2.0")
    one = advisory(target=(">=7.2.18,<7.2.20",))
    assert bool(list(affected(one, source, release(source, version)))) is holds


def test_one_of_several_ranges_is_enough(recording: Recording) -> None:
    source = recording("empty@5.2.0")
    one = advisory(target=(">=10.0.4,<10.0.6", ">=10.1.0,<10.1.2"))
    assert list(affected(one, source, release(source, "10.1.1-rc2")))
    assert not list(affected(one, source, release(source, "10.0.6")))


def test_device_must_be_there_with_its_properties(recording: Recording) -> None:
    source = recording("empty@5.2.0")
    one = advisories()["virtio_net_set_features"]
    for mq in ("true", "false"):
        nic = Device("pcie.0/nic", "virtio-net-device", "", "virtio-bus", "", {"mq": mq})
        found = list(affected(one, release(source, "5.2.0", nic), release(source, "7.2.18")))
        assert found == ([nic] if mq == "true" else [])


@pytest.mark.parametrize("text", [b"title = 1", b"surplus = true", b"not toml"])
def test_damaged_table_fails_as_a_whole(text: bytes) -> None:
    with pytest.raises(FileFormatError, match=r"the table damaged\.toml is not valid"):
        parse_table(text, Advisory, "damaged.toml")
