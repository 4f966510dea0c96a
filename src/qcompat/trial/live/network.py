"""What is behind the guest's network cards: a peer that answers ARP and ICMP echo.

Packets come from and go to filters on each card's own backend (net/filter-mirror.c), so the
backend stays what it is, and with it everything that the card offers the guest. Layouts: RFC 826
(ARP), RFC 791 (IPv4), RFC 792 (ICMP).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Iterator, Sequence

from qcompat.guest.guest import Uncovered
from qcompat.guest.option import Option
from qcompat.guest.stand_ins.replaced import Replaced
from qcompat.local.uninterrupted import stopped

MAC = bytes.fromhex("525400716363")  # locally administered
_ARP = 0x0806
_IPV4 = 0x0800
_ICMP = 1
_REQUEST, _REPLY = 1, 2
_ETHERNET = 14
_FRAMING = struct.Struct(">II")
"""Before each packet: its length, and the length of its vnet header."""
_LARGEST = 1 << 17
_PROCESS = (
    "QEMU passes no packets of a vhost-user network to a stand-in: its card is there and migrates,"
    " but nothing answers it"
)
_SEVERAL = (
    "QEMU passes no packets of a network with several queues to a stand-in: its card is"
    " there and migrates, but nothing answers it"
)


def with_names(options: Sequence[Option]) -> Replaced:
    """The options with a name for every network that packets can be taken from."""
    made: list[Option] = []
    lost: list[Uncovered] = []
    for option in options:
        if option.name == "nic" and not option.get("id") and option.get("type") != "none":
            option = option.adding(("id", f"qcompat-nic{len(made)}"))
        if _is_network(option) and not _is_answered(option):
            reason = _SEVERAL if option.get("type") == "tap" else _PROCESS
            lost.append(Uncovered(option.written, reason, "nothing"))
        made.append(option)
    return Replaced(tuple(made), tuple(lost))


def networks(options: Sequence[Option]) -> tuple[str, ...]:
    """The names of the networks whose packets go to a stand-in."""
    found = (o for o in options if _is_network(o) and _is_answered(o))
    return tuple(option.get("id") for option in found)


def _is_answered(option: Option) -> bool:
    """Filters are refused where packets bypass QEMU, or have several queues (net/filter.c)."""
    return option.get("type") != "vhost-user" and not option.has("queues")


def _is_network(option: Option) -> bool:
    return option.name in {"netdev", "nic"} and option.get("type") != "none"


class NetworkCards:
    """The sockets that one QEMU inherits for its cards, and the arguments that use them."""

    def __init__(self, names: Sequence[str]) -> None:
        self._peer_ends: list[tuple[socket.socket, socket.socket]] = []
        self._qemu_ends: list[socket.socket] = []
        self.arguments = tuple(word for name in names for word in self._card(name))

    @property
    def descriptors(self) -> tuple[int, ...]:
        return tuple(end.fileno() for end in self._qemu_ends)

    def close_qemu_ends(self) -> None:
        """Close our copies of QEMU's ends, once it has them, so that we see it close its own."""
        for end in self._qemu_ends:
            end.close()

    @contextlib.asynccontextmanager
    async def answered(self) -> AsyncIterator[None]:
        """Inside the context, every card has a peer that answers."""
        peers = [Peer(*pair) for pair in self._peer_ends]
        try:
            yield
        finally:
            for peer in peers:
                await peer.close()

    def close(self) -> None:
        self.close_qemu_ends()
        for pair in self._peer_ends:
            for end in pair:
                end.close()

    def _card(self, name: str) -> Iterator[str]:
        out, into = self._pair(), self._pair()
        self._peer_ends.append((out[0], into[0]))
        for way, (_, theirs), queue in (("out", out, "rx"), ("in", into, "tx")):
            yield from ("-chardev", f"socket,id=qcompat-{way}-{name},fd={theirs.fileno()}")
            yield "-object"
            yield (
                f"filter-redirector,id=qcompat-filter-{way}-{name},netdev={name},queue={queue},"
                f"{way}dev=qcompat-{way}-{name},vnet_hdr_support=on"
            )

    def _pair(self) -> tuple[socket.socket, socket.socket]:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        self._qemu_ends.append(theirs)
        return ours, theirs


class Peer:
    """Answers on `goes_in` what arrives on `comes_out`, until QEMU closes them."""

    def __init__(self, comes_out: socket.socket, goes_in: socket.socket) -> None:
        self._comes_out, self._goes_in = comes_out, goes_in
        self._serving = asyncio.create_task(self._serve())

    async def close(self) -> None:
        await stopped(self._serving)
        self._comes_out.close()
        self._goes_in.close()

    async def _serve(self) -> None:
        reader, one = await asyncio.open_connection(sock=self._comes_out)
        _, writer = await asyncio.open_connection(sock=self._goes_in)
        with contextlib.closing(one), contextlib.closing(writer), contextlib.suppress(OSError):
            while packet := await _read(reader):
                if reply := _reply(*packet):
                    writer.write(reply)
                    await writer.drain()


async def _read(reader: asyncio.StreamReader) -> tuple[bytes, bytes] | None:
    """The vnet header, perhaps empty, and the Ethernet frame behind it."""
    try:
        length, header = _FRAMING.unpack(await reader.readexactly(_FRAMING.size))
        if not header <= length <= _LARGEST:
            return None
        packet = await reader.readexactly(length)
    except asyncio.IncompleteReadError:
        return None
    return packet[:header], packet[header:]


def _reply(header: bytes, frame: bytes) -> bytes:
    replied = answer(frame)
    if replied is None:
        return b""
    packet = bytes(len(header)) + replied  # zeros: the card has nothing left to do
    return _FRAMING.pack(len(packet), len(header)) + packet


def answer(frame: bytes) -> bytes | None:
    """The frame that answers this one; None for anything but ARP and ICMP echo requests."""
    if len(frame) < _ETHERNET:
        return None
    (kind,) = struct.unpack_from(">H", frame, 12)
    reply = {_ARP: _arp, _IPV4: _echo}.get(kind)
    payload = reply(frame[_ETHERNET:]) if reply else None
    return None if payload is None else frame[6:12] + MAC + frame[12:14] + payload


def _arp(packet: bytes) -> bytes | None:
    """The peer has whatever address is asked for."""
    if len(packet) < 28 or packet[6:8] != struct.pack(">H", _REQUEST):
        return None
    asker, wanted = packet[8:18], packet[24:28]
    return packet[:6] + struct.pack(">H", _REPLY) + MAC + wanted + asker


def _echo(packet: bytes) -> bytes | None:
    header = (packet[0] & 15) * 4 if packet else 0
    length = int.from_bytes(packet[2:4], "big")
    if header < 20 or length > len(packet) or length < header + 8 or packet[9] != _ICMP:
        return None
    message = packet[header:length]
    if message[0] != 8:
        return None
    reply = b"\0" + message[1:2] + b"\0\0" + message[4:]
    reply = reply[:2] + struct.pack(">H", checksum(reply)) + reply[4:]
    # Swapping the addresses leaves the header's checksum right.
    return packet[:12] + packet[16:20] + packet[12:16] + packet[20:header] + reply


def checksum(data: bytes) -> int:
    """The Internet checksum, RFC 1071."""
    padded = data + bytes(len(data) % 2)
    total: int = sum(struct.unpack(f">{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
