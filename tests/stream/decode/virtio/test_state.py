"""What virtio devices save themselves, where its layout is sure."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcompat.stream.decode.field import Field
from qcompat.stream.decode.pieces import Pieces
from qcompat.stream.decode.virtio.state import add_state
from qcompat.stream.layout import leaves
from qcompat.stream.virtio.state import Queue, VirtioState, decode
from tests.stream.conftest import BUILDS, recorded
from tests.stream.decode.parts import assert_covered, every

ELEMENT = 49168  # sizeof(VirtQueueElementOld) on a 64-bit host
RSS = b"\x05\x15virtio-net-device/rss"


def state(device: str, build: str = "11.1.3") -> VirtioState:
    for section in recorded(f"debian-{build}-pc-q35-5.2-virtio").sections:
        if section.idstr.endswith("/" + device):
            return decode(next(each.data for each in leaves(section) if each.type == "virtio"))
    raise AssertionError(device)


def parts(of: VirtioState, data: bytes, number: int) -> dict[str, Field]:
    """The parts of `data` as the state of a device of that number."""
    pieces = Pieces(data, 50)
    changed = msgspec.structs.replace(of, device_state=data)
    with pieces.group("state"):
        add_state(pieces, changed, number)
    assert pieces.left == 0
    assert_covered(pieces.parts[0])
    return {each.path.removeprefix("state/"): each for each in every(pieces.parts[0])}


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize(
    ("device", "number"),
    [("virtio-net", 1), ("virtio-blk", 2), ("virtio-console", 3), ("virtio-balloon", 5)],
)
def test_every_release_has_the_known_layout(build: str, device: str, number: int) -> None:
    found = state(device, build)
    cut = parts(found, found.device_state, number)
    assert not any(each.is_opaque for each in cut.values())


def test_a_network_card() -> None:
    card = state("virtio-net")
    found = parts(card, card.device_state, 1)
    assert found["mac"].meaning == "52:54:00:12:34:56"
    assert found["status"].meaning == "link up"
    assert found["vlans"].meaning == "all"


def test_a_network_card_with_queue_pairs_offloads_and_scaling() -> None:
    card = msgspec.structs.replace(state("virtio-net"), guest_features=1 << 2)
    pairs = b"\0\4" + b"\0\2" + b"\0\0\0\1"
    scaling = RSS + b"\0\0\0\2" + b"\1\0\1" + bytes(8) + b"\0\2" + b"\0\1" + bytes(40)
    data = card.device_state + pairs + (0b11).to_bytes(8, "big") + scaling + b"\0\1\0\0"
    found = parts(card, data, 1)
    assert found["queue pair 1: tx waiting"].value == 1
    assert found["guest offloads"].meaning == "csum, guest_csum"
    assert found["<virtio-net-device/rss>"].value == 2
    assert found["<virtio-net-device/rss>/indirection table"].value == (1, 0)


def test_requests_of_a_disk_that_were_in_flight() -> None:
    disk = state("virtio-blk")
    element = (3).to_bytes(4, "little") + bytes(ELEMENT - 4)
    found = parts(disk, 2 * (b"\1" + element) + b"\0", 2)
    assert found["request 1/index"].value == 3
    many = msgspec.structs.replace(disk, queues=(Queue(0, 256, 0, 0), Queue(1, 256, 0, 0)))
    found = parts(many, b"\1\0\0\0\1" + element + b"\0", 2)
    assert found["request 0/queue"].value == 1
    assert "request 0/descriptors" not in found
    found = parts(disk, b"\1\0\0\0\4" + element + b"\0", 2)
    assert found["request 0/descriptors"].value == 4


def test_a_memory_device_in_both_layouts() -> None:
    other = state("virtio-rng")
    whole = bytes(8) + (1 << 30).to_bytes(8, "big") + (2 << 20).to_bytes(8, "big") + bytes(28)
    assert parts(other, whole + b"\0" * 7 + b"\x03", 24)["plugged blocks"].meaning == "0-1"
    early = (1 << 28).to_bytes(8, "big") + bytes(8)
    assert parts(other, early, 24)["usable region size"].value == 1 << 28


def test_a_big_endian_console_writes_its_ports_as_they_are() -> None:
    data = bytes(4) + b"\x1f\0\0\0" + b"\0\0\0\1" + bytes(4)
    assert parts(state("virtio-rng"), data, 3)["map of ports"].meaning == "0"


@pytest.mark.parametrize("number", [1, 2, 3, 5, 23, 24])
def test_what_does_not_add_up_stays_opaque(number: int) -> None:
    (_, found) = parts(state("virtio-rng"), b"\xff" * 33, number).values()
    assert found.is_opaque
    assert "not of the known layout" in found.meaning


@given(st.sampled_from([1, 2, 3, 5, 23, 24, 99]), st.binary(min_size=1, max_size=600))
@settings(max_examples=200)
def test_any_bytes_are_covered(number: int, data: bytes) -> None:
    assert sum(each.size for each in parts(state("virtio-rng"), data, number).values()) >= len(data)
