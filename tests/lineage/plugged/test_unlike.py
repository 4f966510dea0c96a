"""Where a running guest and its twin are not alike: devices, processors and memory alone."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from qcompat.guest.guest import Uncovered
from qcompat.lineage.plugged.unlike import unlike, untold
from qcompat.portrait.portrait import Device, Gap, MemoryBlock, Portrait
from qcompat.portrait.running.observed import HOT_PLUG, Observed


@pytest.fixture
def twin(recording: Callable[[str], Portrait]) -> Portrait:
    return recording("blk@10.0.13")


def _observed(twin: Portrait) -> Observed:
    """The guest of which `twin` is the twin, as its monitor shows it."""
    count = twin.cpu.count if twin.cpu else 0
    return Observed(
        "10.0.13", "", twin.machine, "kvm", "running",
        devices=twin.devices, memory=twin.memory, cpu_count=count,
    )  # fmt: skip


def _device(type_: str) -> Device:
    return Device(f"pcie.0/09.0/{type_}", type_, "", "pcie.0", "0000:00:09.0", {})


def test_a_guest_is_like_its_twin(twin: Portrait) -> None:
    assert unlike(_observed(twin), twin) == ()


def test_what_was_plugged_and_unplugged_is_named(twin: Portrait) -> None:
    seen = _observed(twin)
    more = msgspec.structs.replace(
        seen,
        devices=(*seen.devices, _device("e1000e")),
        memory=(*seen.memory, MemoryBlock("hm", 1, 1, 4096)),
        cpu_count=seen.cpu_count + 1,
    )
    parts = unlike(more, twin)
    assert [each.subject for each in parts] == [
        "e1000e at pcie.0/09.0/e1000e",
        "processors",
        "memory hm",
    ]
    assert all(each.counts for each in parts)
    (gone,) = unlike(msgspec.structs.replace(seen, devices=seen.devices[1:]), twin)
    assert gone.subject.startswith(seen.devices[0].type)


def test_a_device_in_another_place_is_another_device(twin: Portrait) -> None:
    seen = _observed(twin)
    first = seen.devices[0]
    moved = msgspec.structs.replace(first, path=f"{first.path}-elsewhere")
    parts = unlike(msgspec.structs.replace(seen, devices=(moved, *seen.devices[1:])), twin)
    assert len(parts) == 2


def test_what_could_not_be_asked_is_not_compared(twin: Portrait) -> None:
    assert unlike(Observed("", "", "", "", ""), twin) == ()


def test_what_came_and_went_is_compared_though_it_is_not_told(twin: Portrait) -> None:
    gaps = (Gap(HOT_PLUG, "qom-list is not allowed"),)
    seen = msgspec.structs.replace(_observed(twin), gaps=gaps)
    assert unlike(seen, twin) == ()
    (told,) = untold(seen)
    assert told.counts
    assert "qom-list" in told.reason


def test_a_device_that_no_twin_has_is_no_difference_nor_is_its_memory(twin: Portrait) -> None:
    left_out = (Uncovered("-device vfio-pci", "never opened", device="vfio-pci"),)
    guest = msgspec.structs.replace(twin.guest, uncovered=left_out)
    without = msgspec.structs.replace(twin, guest=guest)
    seen = _observed(twin)
    guest_now = msgspec.structs.replace(
        seen,
        devices=(*seen.devices, _device("vfio-pci")),
        memory=(*seen.memory, MemoryBlock("0000:01:00.0 BAR 0", 1, 1, 4096)),
    )
    assert unlike(guest_now, without) == ()
