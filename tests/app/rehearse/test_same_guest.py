"""What a running guest has and its twin has not: devices, processors and memory, never the rest."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from qcompat.app.rehearse.same_guest import more_and_fewer
from qcompat.guest.guest import Uncovered
from qcompat.portrait.portrait import Device, MemoryBlock, Portrait
from qcompat.portrait.running.observed import Observed


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
    assert more_and_fewer(_observed(twin), twin) == ((), ())


def test_what_was_plugged_and_unplugged_is_named(twin: Portrait) -> None:
    seen = _observed(twin)
    more = msgspec.structs.replace(
        seen,
        devices=(*seen.devices, _device("e1000e")),
        memory=(*seen.memory, MemoryBlock("hm", 1, 1, 4096)),
        cpu_count=seen.cpu_count + 1,
    )
    assert more_and_fewer(more, twin) == (("a processor", "e1000e", "memory hm"), ())
    less = msgspec.structs.replace(seen, devices=seen.devices[1:])
    assert more_and_fewer(less, twin) == ((), (seen.devices[0].type,))


def test_what_could_not_be_asked_is_not_compared(twin: Portrait) -> None:
    assert more_and_fewer(Observed("", "", "", "", ""), twin) == ((), ())


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
    assert more_and_fewer(guest_now, without) == ((), ())
