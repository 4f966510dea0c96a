"""The state of virtio devices in real streams of five builds."""

from __future__ import annotations

import pytest

from qcompat.errors import StreamError
from qcompat.stream.layout import leaves
from qcompat.stream.model import Section
from qcompat.stream.virtio.state import VirtioState, decode, transport_of
from tests.stream.conftest import BUILDS, recorded


def states(name: str) -> dict[str, VirtioState]:
    """The virtio devices of a recording by the name of their section."""
    return {
        section.idstr: decode(leaf.data, transport_of(section.idstr))
        for section in recorded(name).sections
        for leaf in leaves(section)
        if leaf.type == "virtio"
    }


def blob(name: str, device: str) -> tuple[Section, bytes]:
    for section in recorded(name).sections:
        if section.idstr.endswith("/" + device):
            return section, next(f.data for f in leaves(section) if f.type == "virtio")
    raise AssertionError(device)


@pytest.mark.parametrize("build", BUILDS)
def test_every_device_is_taken_apart_to_the_last_byte(build: str) -> None:
    found = states(f"debian-{build}-pc-q35-5.2-virtio")
    assert len(found) == 8
    for state in found.values():
        assert state.undecoded == ()
        assert [each.name for each in state.subsections] == [
            "virtio/64bit_features",
            "virtio/virtqueues",
            "virtio/extra_state",
        ]
        assert [each.name for each in state.subsections[2].nested] == ["virtio_pci/modern_state"]


@pytest.mark.parametrize(
    ("build", "num"),
    [("5.2.0", 256), ("7.2.22", 256), ("10.0.2", 256), ("10.0.13", 1024), ("11.1.3", 256)],
)
def test_the_queue_of_a_disk_that_nobody_used(build: str, num: int) -> None:
    disk = states(f"debian-{build}-pc-q35-5.2-virtio")["0000:00:01.0/virtio-blk"]
    assert [(queue.index, queue.num) for queue in disk.queues] == [(0, num)]
    assert disk.queues[0].vector == 0xFFFF
    assert disk.config == bytes(57)  # filled in only when the guest reads it
    assert disk.device_state == b"\0"  # no requests in flight
    assert (disk.status, disk.isr, disk.queue_sel, disk.guest_features) == (0, 0, 0, 0)


def test_queues_of_different_sizes_keep_their_index() -> None:
    console = states("debian-10.0.2-pc-q35-5.2-virtio")["0000:00:06.0/virtio-console"]
    assert len(console.queues) == 64
    assert [queue.num for queue in console.queues[:4]] == [128, 128, 32, 32]
    assert console.queues[63].index == 63


def test_configuration_space_of_pci_is_where_it_says() -> None:
    section, data = blob("debian-10.0.13-pc-q35-5.2-virtio", "virtio-net")
    pci = decode(data).pci
    assert pci is not None
    assert data[pci.offset : pci.offset + len(pci.config)] == pci.config
    assert pci.config[:4] == b"\xf4\x1a\x00\x10"
    assert (len(pci.config), pci.msix_entries, pci.config_vector) == (256, 3, 0xFFFF)
    assert section.payload.find(pci.config) == pci.offset


def test_a_device_behind_a_root_port_has_express_configuration_space() -> None:
    disk = states("debian-11.1.3-pc-q35-10.0-express")["0000:00:01.0:00.0/virtio-blk"]
    assert disk.pci is not None
    assert len(disk.pci.config) == 4096
    assert disk.undecoded == ()


def test_a_raised_queue_size_is_seen() -> None:
    disk = states("debian-10.0.13-pc-q35-10.0-express")["0000:00:01.0:00.0/virtio-blk"]
    assert disk.queues[0].num == 1024  # 10.0.13 enlarges what was created with 256
    disk = states("debian-11.1.3-pc-q35-10.0-express")["0000:00:01.0:00.0/virtio-blk"]
    assert disk.queues[0].num == 256


def test_features_that_firmware_accepted_and_queues_it_set_up() -> None:
    disk = states("debian-7.2.22-pc-q35-7.2-booted")["0000:00:01.0/virtio-blk"]
    assert disk.guest_features >> 32 & 1 == 1  # VIRTIO_F_VERSION_1
    assert disk.status & 0x4  # DRIVER_OK
    queue = disk.queues[0]
    assert (queue.num, queue.num_default) == (256, 512)  # SeaBIOS takes at most 256
    assert queue.desc and queue.avail and queue.used
    assert queue.last_avail_idx == 1
    assert int.from_bytes(disk.config[:8], "little") == (1 << 20) // 512
    assert "virtio/started" in [each.name for each in disk.subsections]


def test_the_mmio_transport() -> None:
    disk = states("debian-10.0.13-microvm-mmio")["virtio-mmio@00000000feb02e00/virtio-blk"]
    assert disk.transport == "mmio"
    assert disk.pci is None
    assert disk.undecoded == ()
    assert len(disk.queues) == 1


def test_another_transport_is_refused_not_guessed() -> None:
    with pytest.raises(StreamError, match="virtio-usb"):
        decode(bytes(1000), "usb")


def test_the_kind_of_device_is_what_the_transport_says() -> None:
    kinds = {
        idstr.rpartition("/")[2]: state.device_number
        for idstr, state in states("debian-11.1.3-pc-q35-5.2-virtio").items()
    }
    assert kinds == {
        "virtio-blk": 2,
        "virtio-scsi": 8,
        "virtio-net": 1,
        "virtio-rng": 4,
        "virtio-balloon": 5,
        "virtio-console": 3,
        "virtio-input": 18,
    }


def test_too_many_queues_are_refused() -> None:
    _, data = blob("debian-10.0.13-pc-q35-5.2-virtio", "virtio-rng")
    state = decode(data)
    at = state.config_offset + len(state.config)
    with pytest.raises(StreamError, match="1025 queues") as caught:
        decode(data[:at] + (1025).to_bytes(4, "big") + data[at + 4 :])
    assert caught.value.offset == at + 4


def test_an_unknown_subsection_is_said_to_be_undecoded() -> None:
    _, data = blob("debian-10.0.13-pc-q35-5.2-virtio", "virtio-rng")
    longer = data + b"\x05\x0evirtio/novelty\0\0\0\x01" + bytes(7)
    state = decode(longer)
    assert state.undecoded == ("27 bytes behind virtio/extra_state",)
    assert [each.name for each in state.subsections][-1] == "virtio/extra_state"
    assert state.device_state == b""


@pytest.mark.parametrize(
    ("idstr", "transport"),
    [
        ("0000:00:02.0/virtio-net", "pci"),
        ("0000:00:01.0:00.0/virtio-blk", "pci"),
        ("virtio-mmio@000000000a003e00/virtio-net", "mmio"),
        ("/fe.0.0001/virtio-blk", "ccw"),
        ("pci@800000020000000:00.0/virtio-blk", "pci"),
        ("pci@800000020000000:01.0:00.0/virtio-blk", "pci"),
        ("virtio-net", "mmio"),
    ],
)
def test_the_transport_shows_in_the_name(idstr: str, transport: str) -> None:
    assert transport_of(idstr) == transport
