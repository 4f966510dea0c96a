"""What virtio-net saves: filters, offloads, queue pairs, receive-side scaling.

vmstate_virtio_net_device in hw/net/virtio-net.c; the same in 5.2, 7.2, 10.0 and 10.2, where the
subsection rss is of version 2.
"""

from __future__ import annotations

from qcompat.stream.decode.formatting import flags, mac, ranges
from qcompat.stream.decode.pieces import Pieces
from qcompat.stream.decode.virtio.features import feature_names
from qcompat.stream.virtio.state import VirtioState

_OFFLOADS = 2  # VIRTIO_NET_F_CTRL_GUEST_OFFLOADS
_ADDRESS = 6
_VLANS = 512
_KEY = 40
_RSS = "virtio-net-device/rss"
_RSS_HEADER = 6 + len(_RSS)
_MOST_ADDRESSES = 4096


def add_net(pieces: Pieces, state: VirtioState) -> None:
    """Cut this state; raises StreamError where it does not add up."""
    _add_address(pieces, "mac")
    pieces.number("queue pair 0: tx waiting", 4)
    pieces.number("mergeable buffers", 4)
    pieces.number("status", 2, meaning=lambda value: flags(value, {0: "link up", 1: "announce"}))
    pieces.flag("promiscuous")
    pieces.flag("all multicast")
    _add_addresses(pieces, pieces.number("addresses", 4))
    vlans = pieces.data[pieces.at : pieces.at + _VLANS]
    pieces.plain("vlans", _VLANS, "bitmap", _vlans(vlans))
    pieces.number("vnet header", 4)
    for name in _FLAGS:
        pieces.flag(name)
    _add_queue_pairs(pieces, bool(state.guest_features >> _OFFLOADS & 1))
    if pieces.starts_subsection(_RSS):
        _add_rss(pieces)


def _add_queue_pairs(pieces: Pieces, has_offloads: bool) -> None:
    """Sent where there may be more than one; only the length shows whether they are."""
    behind = pieces.data.find(b"\x05" + bytes([len(_RSS)]) + _RSS.encode(), pieces.at)
    end = behind if behind >= 0 else len(pieces.data)
    if end - pieces.at > (8 if has_offloads else 0):
        pieces.number("most queue pairs", 2)
        for index in range(1, pieces.number("queue pairs", 2)):
            pieces.number(f"queue pair {index}: tx waiting", 4)
    if has_offloads:
        pieces.number("guest offloads", 8, meaning=lambda value: flags(value, _offloads()))


def _add_rss(pieces: Pieces) -> None:
    with pieces.subsection(_RSS) as version:
        pieces.flag("enabled")
        pieces.flag("redirect")
        pieces.flag("populate hash")
        pieces.number("hash types", 4)
        if version > 1:
            pieces.number("supported hash types", 4)
        length = pieces.number("length of the indirection table", 2)
        pieces.number("default queue", 2)
        pieces.plain("key", _KEY)
        pieces.number("indirection table", 2, count=length)


def _add_addresses(pieces: Pieces, count: int) -> None:
    if count > _MOST_ADDRESSES:
        raise pieces.error(f"{count} addresses")
    for index in range(count):
        _add_address(pieces, f"address {index}")


def _add_address(pieces: Pieces, name: str) -> None:
    pieces.plain(name, _ADDRESS, "address", mac(pieces.data[pieces.at : pieces.at + _ADDRESS]))


def _vlans(bitmap: bytes) -> str:
    # 32-bit words in the order of the host that wrote them: nearly always little-endian.
    return "all" if bitmap == b"\xff" * _VLANS else ranges(bitmap)


def _offloads() -> dict[int, str]:
    return {int(bit): name for bit, name in feature_names().device["1"].items()}


_FLAGS = (
    "multicast overflow",
    "unicast overflow",
    "all unicast",
    "no multicast",
    "no unicast",
    "no broadcast",
    "UDP fragmentation offload",
)
