"""Advisories: their files, and the versions and devices that they are about."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from qcompat.dataset import parse_table
from qcompat.errors import FileFormatError
from qcompat.portrait.portrait import Device, Portrait
from qcompat.rules.advisories.advisory import (
    Advisory,
    advisories,
    affected,
    has_machine,
    shown_by,
    shown_by_none,
)
from qcompat.rules.registry import RULES

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
    assert (one.devices or one.sections) and one.source and one.target
    assert one.links and all(link.startswith("https://") for link in one.links)
    assert set(one.rules) <= set(RULES)


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


def test_other_way_is_affected_where_the_advisory_says_so(recording: Recording) -> None:
    source = recording("empty@5.2.0")
    one, other = release(source, "8.0.0"), release(source, "7.2.22")
    known = advisory(source=(">=8.0.0,<8.0.1",), target=("<8.0.0", ">=8.0.1"))
    assert list(affected(known, one, other)) and not list(affected(known, other, one))
    both = msgspec.structs.replace(known, both_ways=True)
    assert list(affected(both, one, other)) and list(affected(both, other, one))
    assert not list(affected(both, one, one))


def test_a_build_that_a_distribution_mended_is_not_affected(recording: Recording) -> None:
    source = recording("empty@5.2.0")
    port = Device("pcie.0/rp", "pcie-root-port", "", "pcie-bus", "", {})
    mended = msgspec.structs.replace(port, properties={"x-pcie-err-unc-mask": "true"})
    known = advisories()["pcie_err_unc_mask"]
    target = release(source, "7.2.22")
    assert list(affected(known, release(source, "8.0.0", port), target))
    assert not list(affected(known, release(source, "8.0.0", mended), target))


@pytest.mark.parametrize(
    ("machine", "holds"),
    [
        ("pc-q35-7.2", True),
        ("pc-i440fx-5.2", True),
        ("pc-q35-8.0", False),
        ("pc-q35-7.2+pve1", True),
        ("pc-q35-rhel7.6.0", False),
        ("microvm", False),
    ],
)
def test_range_of_machine_types(machine: str, holds: bool) -> None:
    assert has_machine(advisories()["pcie_err_unc_mask"], machine) is holds


def test_packages_decide_where_a_distribution_has_the_break_alone(recording: Recording) -> None:
    known = advisories()["piix4_acpi_index"]
    here = recording("empty@5.2.0").identity
    upstream = msgspec.structs.replace(here, version="6.2.0", package="Debian 1:6.2+dfsg-2")
    rhel = msgspec.structs.replace(here, version="6.2.0", package="qemu-kvm-6.2.0-40.module_el8.9")
    assert known.may_have(rhel, known.source) and not known.may_have(upstream, known.source)


def test_an_advisory_is_shown_by_its_rules_or_by_none() -> None:
    by_none = dict(shown_by_none())
    assert {name for name, each in advisories().items() if not each.rules} == set(by_none)
    for name, each in advisories().items():
        for rule in RULES:
            assert (name in dict(shown_by(rule))) == (rule in each.rules)
