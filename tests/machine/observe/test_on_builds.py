"""What real builds say, in small selections of devices to be quick."""

from collections.abc import Mapping

import msgspec
import pytest

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.learn.learn import learn
from qcompat.local.home import cache_home
from qcompat.machine.observe.device_setup import device_setups
from qcompat.machine.observe.groups import Failure
from qcompat.machine.observe.guest_arguments import buses
from qcompat.machine.observe.observe import observe
from qcompat.machine.observe.probe import BuildProbe
from qcompat.portrait.portrait import Accel
from qcompat.qemu.patience import Patience

pytestmark = pytest.mark.lab

VERSIONS = ["5.2.0", "7.2.22", "10.0.2", "10.0.13", "11.1.3"]
TYPES = (
    *("AC97", "e1000", "ide-hd", "ide-cd", "intel-iommu", "isa-serial", "nvme", "nvme-ns"),
    *("pcie-root-port", "qxl-vga", "scsi-hd", "usb-kbd", "vfio-pci", "virtio-blk-pci"),
    *("virtio-blk-pci-transitional", "virtio-net-pci", "virtio-rng-pci", "virtserialport"),
    *(
        "virtio-blk-device",
        "vmcoreinfo",
        "VGA",
        "virtio-balloon-pci",
        "virtio-balloon-pci-transitional",
    ),
    *("qemu64-x86_64-cpu", "EPYC-v2-x86_64-cpu"),
)


def some(facts: BuildFacts, types: tuple[str, ...] = TYPES) -> BuildFacts:
    devices = tuple(device for device in facts.devices if device.type in types)
    return msgspec.structs.replace(facts, devices=devices)


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_type_is_read_or_says_why_not(
    builds: Mapping[str, Build], accel: Accel, version: str
) -> None:
    build = builds[version]
    facts = some(learn(build, cache=cache_home()))
    machines = ["pc-q35-5.2", "pc-i440fx-5.2"]
    found = await observe(build, facts, machines, accel=accel)
    assert list(found) == machines
    for observed in found.values():
        types = {device.type for device in facts.devices}
        assert types == types & {*observed.devices, *observed.skipped}
        assert not set(observed.devices) & set(observed.skipped)
    skipped = set(found["pc-q35-5.2"].skipped)
    assert skipped == {"vfio-pci", "EPYC-v2-x86_64-cpu"}
    assert set(found["pc-i440fx-5.2"].skipped) - skipped == {"pcie-root-port", "intel-iommu"}
    assert found["pc-q35-5.2"].defaults["ICH9-LPC"]


async def test_a_machine_type_shows_in_values(builds: Mapping[str, Build], accel: Accel) -> None:
    build = builds["10.0.13"]
    facts = some(learn(build, cache=cache_home()))
    found = await observe(build, facts, ["pc-q35-5.2", "pc-q35-10.0"], accel=accel)
    old, new = found["pc-q35-5.2"].devices, found["pc-q35-10.0"].devices
    # hw_compat_5_2 and hw_compat_6_0 of hw/core/machine.c, pc_compat_6_0 of hw/i386/pc.c
    assert old["virtio-blk-device"]["report-discard-granularity"] == "off"
    assert new["virtio-blk-device"]["report-discard-granularity"] == "on"
    assert (old["nvme-ns"]["eui64-default"], new["nvme-ns"]["eui64-default"]) == ("off", "off")
    assert old["qemu64-x86_64-cpu"]["family"] == "6"
    assert new["qemu64-x86_64-cpu"]["family"] == "15"


@pytest.mark.parametrize("machine", ["pc-q35-5.2", "pc-i440fx-6.2"])
async def test_in_a_group_a_device_says_what_it_says_alone(
    newest: Build, newest_facts: BuildFacts, accel: Accel, machine: str
) -> None:
    types = ("e1000", "nvme-ns", "usb-kbd", "virtio-net-pci", "virtio-rng-pci", "VGA")
    facts = some(newest_facts, types)
    made, _ = device_setups(machine, facts.devices)
    probe = BuildProbe(newest, made, buses(facts.devices), accel, Patience())
    together = await probe.attempt(machine, tuple(made))
    assert not isinstance(together, Failure)
    for type_ in made:
        assert await probe.attempt(machine, (type_,)) == {type_: together[type_]}


async def test_a_machine_type_that_does_not_start_loses_all_with_the_reason(
    newest: Build, newest_facts: BuildFacts, accel: Accel
) -> None:
    facts = some(newest_facts)
    found = await observe(newest, facts, ["pc-q35-1.0"], accel=accel)
    observed = found["pc-q35-1.0"]
    assert not observed.devices
    assert "unsupported machine type" in observed.skipped["nvme"]


async def test_the_same_question_gets_the_same_answer(
    newest: Build, newest_facts: BuildFacts, accel: Accel
) -> None:
    facts = some(newest_facts, ("e1000", "nvme-ns", "usb-kbd", "VGA", "qxl-vga", "max-x86_64-cpu"))
    machines = ["pc-q35-6.2", "pc-q35-8.0", "pc-q35-9.2"]
    first = await observe(newest, facts, machines, accel=accel)
    assert first == await observe(newest, facts, machines, accel=accel)
    assert len({id(observed.devices["usb-kbd"]) for observed in first.values()}) == 1


async def test_a_cpu_model_that_cannot_be_made_is_lost_alone(newest: Build) -> None:
    probe = BuildProbe(newest, {}, {}, "tcg", Patience())  # KVM gives the host's vendor
    models = ("no-such-x86_64-cpu", "qemu64-x86_64-cpu")
    board = await probe.board("pc-q35-6.2", models)
    assert not isinstance(board, Failure)
    assert list(board.skipped) == ["no-such-x86_64-cpu"]
    assert board.processors["qemu64-x86_64-cpu"]["vendor"] == "AuthenticAMD"
