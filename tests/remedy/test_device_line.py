"""What an operator pastes: the guest's own words for a device, with properties added."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from qcompat.portrait.portrait import Device, Portrait
from qcompat.remedy.device_line import own_line, set_properties

Recording = Callable[[str], Portrait]
SIZE = (("queue-size", "1024"),)
LINE = "-device virtio-blk-pci,drive=d0,addr=8,vectors=2,num-queues=1"


def _disk(portrait: Portrait) -> Device:
    return next(device for device in portrait.devices if device.type == "virtio-blk-pci")


def _with(portrait: Portrait, *arguments: str) -> Portrait:
    guest = msgspec.structs.replace(portrait.guest, arguments=arguments)
    return msgspec.structs.replace(portrait, guest=guest)


def test_own_line_gets_the_property_added(recording: Recording) -> None:
    portrait = recording("blk@10.0.13")
    assert set_properties(portrait, _disk(portrait), SIZE) == f"{LINE},queue-size=1024"


def test_property_that_was_given_is_replaced(recording: Recording) -> None:
    portrait = recording("blk@10.0.13")
    assert own_line(portrait, _disk(portrait), (("vectors", "3"),)) == (
        "-device virtio-blk-pci,drive=d0,addr=8,num-queues=1,vectors=3"
    )


def test_device_is_told_from_its_like_by_its_place(recording: Recording) -> None:
    portrait = recording("blk@10.0.13")
    both = _with(portrait, "-device", "virtio-blk-pci,addr=0x9", "-device", LINE[8:])
    assert own_line(both, _disk(portrait), SIZE) == f"{LINE},queue-size=1024"


@pytest.mark.parametrize(
    "arguments",
    [
        ("-drive", "if=virtio"),
        ("-device", "virtio-blk-pci", "-device", "virtio-blk-pci"),
        ("-device", "virtio-blk-pci,id=other"),
        ("-device", '{"driver":"virtio-blk-pci"}'),
    ],
)
def test_device_without_a_line_of_its_own_is_reached_by_its_type(
    arguments: tuple[str, ...], recording: Recording
) -> None:
    portrait = recording("blk@10.0.13")
    guest = _with(portrait, *arguments)
    assert own_line(guest, _disk(portrait), SIZE) is None
    assert set_properties(guest, _disk(portrait), SIZE) == "-global virtio-blk-pci.queue-size=1024"


def test_the_line_is_the_users_own_with_what_a_twin_leaves_out(recording: Recording) -> None:
    portrait = recording("blk@10.0.13")
    own = f"{LINE},iothread=io0".replace("-device ", "").replace("drive=d0", "drive=disk")

    def given(*words: str) -> str:
        guest = msgspec.structs.replace(portrait.guest, own=words)
        shown = msgspec.structs.replace(portrait, guest=guest)
        return set_properties(shown, _disk(shown), SIZE)

    assert given("-device", own) == f"-device {own},queue-size=1024"
    assert given("-device", own, "-device", own) == f"{LINE},queue-size=1024", "which is not told"
    assert given("-device", "virtio-rng-pci") == f"{LINE},queue-size=1024"
