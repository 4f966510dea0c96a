"""Real guests that do not get through, and what repairs them: each loaded without and with it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from qcompat.builds.build import Build
from qcompat.builds.learn.learn import learn
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.local.home import cache_home
from qcompat.portrait.portrait import Accel, Portrait
from qcompat.portrait.portraits import Portraits
from qcompat.portrait.take import take
from qcompat.report.finding import summary_text
from qcompat.trial.repair.case import Bounds
from qcompat.trial.repair.repair import repair
from qcompat.verdict.detour import PowerOff
from qcompat.verdict.remedy import Remedy, Spent, Unrepairable

pytestmark = pytest.mark.lab
Builds = Mapping[str, Build]
DISK = ("-drive", "if=none,id=d0,driver=null-co,size=1G", "-device", "virtio-blk-pci,drive=d0")
EXPRESS = ("-device", "pcie-root-port,id=rp,chassis=1", "-device", "e1000e,bus=rp")
UNMASKED = ("-global", "pci-device.x-pcie-err-unc-mask=on")


def _guest(*more: str, machine: str = "pc-q35-7.2") -> Guest:
    return parse(["-machine", machine, "-nodefaults", "-m", "64", "-smp", "2", *more])


def _disk(properties: str) -> Guest:
    return _guest(*DISK[:3], f"{DISK[3]},{properties}")


def _of(builds: Builds, version: str) -> Build:
    found = next((b for name, b in builds.items() if name.startswith(version)), None)
    if found is None:
        pytest.skip(f"needs the build {version}")
    return found


async def _portrait(build: Build, guest: Guest, accel: Accel) -> Portrait:
    return await take(build, guest, learn(build, cache=cache_home()), accel=accel)


async def _repaired(
    source: Build, there: Guest, target: Build, here: Guest, accel: Accel
) -> Remedy | Unrepairable | None:
    portrait = await _portrait(source, there, accel)
    return await repair(Portraits.here(), portrait, target, here, prove=source)


def _spelled(found: Remedy | Unrepairable | None) -> list[str]:
    assert found is not None
    return [f"{s.driver}.{s.name}={s.value}" for s in found.settings]


def _is_proven(found: Remedy | Unrepairable | None) -> bool:
    assert isinstance(found, Remedy), found
    assert not found.contradictions
    assert found.proof is not None
    assert found.proof.with_it is not None
    assert found.proof.with_it.loads
    return found.certainty == "proven" and not found.proof.without.loads


@pytest.mark.parametrize("version", ["10.0.13", "11.1"])
async def test_error_mask_of_8_0_is_one_property_for_all_devices_that_have_it(
    version: str, builds: Builds, accel: Accel
) -> None:
    source, target = _of(builds, "10.0.2"), _of(builds, version)
    found = await _repaired(source, _guest(*EXPRESS, *UNMASKED), target, _guest(*EXPRESS), accel)
    assert _is_proven(found)
    assert _spelled(found) == ["pci-device.x-pcie-err-unc-mask=on"]


async def test_error_mask_of_single_devices_becomes_one_property_of_their_base(
    builds: Builds, accel: Accel
) -> None:
    source, target = _of(builds, "10.0.2"), _of(builds, "10.0.13")
    mask = "x-pcie-err-unc-mask=on"
    singly = (EXPRESS[0], f"{EXPRESS[1]},{mask}", EXPRESS[2], f"{EXPRESS[3]},{mask}")
    found = await _repaired(source, _guest(*singly), target, _guest(*EXPRESS), accel)
    assert _is_proven(found)
    assert _spelled(found) == ["pci-device.x-pcie-err-unc-mask=on"]


@pytest.mark.parametrize(("ours", "theirs"), [(4, 1), (1, 4)])
async def test_number_of_queues_is_given_back(
    ours: int, theirs: int, builds: Builds, accel: Accel
) -> None:
    source, target = _of(builds, "10.0.2"), _of(builds, "11.1")
    guests = [_disk(f"num-queues={count}") for count in (ours, theirs)]
    found = await _repaired(source, guests[0], target, guests[1], accel)
    assert _is_proven(found)
    assert _spelled(found) == [f"virtio-blk-pci.num-queues={ours}"]


async def test_queues_of_10_0_13_fit_where_a_property_sizes_them(
    builds: Builds, accel: Accel
) -> None:
    guest = _guest(*DISK, "-device", "virtio-scsi-pci", machine="pc-q35-10.0")
    found = await _repaired(_of(builds, "10.0.13"), guest, _of(builds, "11.1"), guest, accel)
    assert _is_proven(found)
    assert sorted(_spelled(found)) == [
        "virtio-blk-pci.queue-size=1024",
        "virtio-scsi-pci.virtqueue_size=1024",
    ]


@pytest.mark.parametrize("device", ["virtio-rng-pci", "virtio-net-pci"])
async def test_queues_of_10_0_13_without_such_a_property_are_beyond_repair_and_detours(
    device: str, builds: Builds, accel: Accel
) -> None:
    source, target, between = (_of(builds, name) for name in ("10.0.13", "11.1", "10.0.2"))
    guest = _guest("-device", device, machine="pc-q35-10.0")
    portrait = await _portrait(source, guest, accel)
    bounds = Bounds(seconds=300, attempts=500)
    found = await repair(
        Portraits.here(), portrait, target, guest, prove=source, others=(between,), bounds=bounds
    )
    assert isinstance(found, Unrepairable)
    assert found.is_proven
    assert found.settings == ()
    assert found.reasons[0].tried is not None
    assert found.reasons[0].tried.values
    (detour,) = found.detours
    assert (detour.via, detour.helps, detour.certainty) == (between.name, False, "proven")
    assert detour.barred_by == "size of queue 0"
    assert found.power_off == PowerOff(target.name, helps=True)


async def test_device_that_can_be_repaired_is_told_beside_one_that_cannot(
    builds: Builds, accel: Accel
) -> None:
    source, target = _of(builds, "10.0.13"), _of(builds, "11.1")
    guest = _guest(*DISK, "-device", "virtio-rng-pci", machine="pc-q35-10.0")
    portrait = await _portrait(source, guest, accel)
    found = await repair(Portraits.here(), portrait, target, guest)
    assert isinstance(found, Unrepairable)
    assert _spelled(found) == ["virtio-blk-pci.queue-size=1024"]
    assert not found.is_proven
    assert found.reasons[0].finding.subject.type == "virtio-rng-pci"


async def test_option_rom_of_another_size_gets_the_sources(builds: Builds, accel: Accel) -> None:
    source, target = _of(builds, "10.0.2"), _of(builds, "10.0.13")
    large = _guest("-device", "e1000,romsize=524288")
    found = await _repaired(source, large, target, _guest("-device", "e1000"), accel)
    assert _is_proven(found)
    assert _spelled(found) == ["e1000.romsize=524288"]


async def test_processor_feature_is_given_back(builds: Builds) -> None:
    source, target = _of(builds, "10.0.2"), _of(builds, "10.0.13")
    with_it, without = (_guest("-cpu", model) for model in ("qemu64,+ssse3", "qemu64"))
    portrait = await _portrait(source, with_it, "tcg")
    found = await repair(Portraits.here(), portrait, target, without, prove=source)
    assert isinstance(found, Remedy)
    assert _spelled(found) == ["qemu64-x86_64-cpu.ssse3=on"]
    assert found.verdict.verdict == "ok"
    assert found.certainty == "proven"
    assert found.proof is not None
    assert found.proof.same_processor == (False, True)


async def test_property_that_was_removed_is_left_out(builds: Builds, accel: Accel) -> None:
    source, target = _of(builds, "10.0.2"), _of(builds, "11.1")
    guest = _guest("-device", "virtio-balloon-pci,id=b,qemu-4-0-config-size=on")
    found = await _repaired(source, guest, target, guest, accel)
    assert _is_proven(found)
    assert isinstance(found, Remedy)
    (only,) = found.settings
    assert (only.name, only.removes) == ("qemu-4-0-config-size", True)
    assert found.words == (("-device", "virtio-balloon-pci,id=b"),)


async def test_property_that_was_removed_and_mattered_is_said_to_be_beyond_repair(
    builds: Builds, accel: Accel
) -> None:
    source, target = _of(builds, "10.0.2"), _of(builds, "11.1")
    guest = _guest("-device", "pcie-root-port,id=rp,disable-acs=on")
    found = await repair(Portraits.here(), await _portrait(source, guest, accel), target, guest)
    assert isinstance(found, Unrepairable)
    assert "ACS" in summary_text(found.reasons[0].finding)
    assert found.settings[0].removes


async def test_one_of_two_like_devices_is_repaired_alone(builds: Builds, accel: Accel) -> None:
    source, target = _of(builds, "10.0.2"), _of(builds, "10.0.13")
    plain = ("-device", "e1000,addr=5")
    there = _guest(*plain, "-device", "e1000,addr=6,romsize=524288")
    here = _guest(*plain, "-device", "e1000,addr=6")
    found = await _repaired(source, there, target, here, accel)
    assert _is_proven(found)
    assert isinstance(found, Remedy)
    assert found.words == (("-device", "e1000,addr=6,romsize=524288"),)


async def test_source_that_cannot_send_is_not_searched_for(builds: Builds, accel: Accel) -> None:
    source, target = _of(builds, "10.0.2"), _of(builds, "10.0.13")
    guest = _guest("-device", "nvme,serial=1")
    found = await repair(Portraits.here(), await _portrait(source, guest, accel), target, guest)
    assert isinstance(found, Unrepairable)
    assert found.unsent is not None
    assert found.unsent.stage == "save"
    assert found.is_proven


async def test_search_out_of_time_leaves_it_open(builds: Builds, accel: Accel) -> None:
    source, target = _of(builds, "10.0.13"), _of(builds, "11.1")
    guest = _guest("-device", "virtio-rng-pci", machine="pc-q35-10.0")
    portrait = await _portrait(source, guest, accel)
    found = await repair(Portraits.here(), portrait, target, guest, bounds=Bounds(attempts=1))
    assert isinstance(found, Unrepairable)
    assert found.spent == Spent("attempts", 1)
    assert not found.is_proven


async def test_guest_that_keeps_the_promise_is_left_alone(newest: Build, accel: Accel) -> None:
    guest = _guest("-device", "virtio-rng-pci")
    assert (
        await repair(Portraits.here(), await _portrait(newest, guest, accel), newest, guest) is None
    )


async def test_an_alias_that_means_another_machine_type_there_is_named(
    builds: Builds, accel: Accel
) -> None:
    source, target = _of(builds, "7.2"), _of(builds, "11.1")
    guest = _guest(*DISK, machine="q35,smm=off")
    found = await _repaired(source, guest, target, guest, accel)
    assert _is_proven(found)
    assert isinstance(found, Remedy)
    assert "-machine pc-q35-7.2,smm=off" in " ".join(found.arguments)


async def test_an_alias_whose_machine_type_the_target_lacks_stays_blocked(
    builds: Builds, accel: Accel
) -> None:
    source, target = _of(builds, "11.1"), _of(builds, "7.2")
    guest = _guest(machine="q35")
    found = await _repaired(source, guest, target, guest, accel)
    assert isinstance(found, Unrepairable)
    summaries = [summary_text(reason.finding) for reason in found.reasons]
    assert "pc-q35-11.1 on the source, pc-q35-7.2 on the target" in " ".join(summaries)
