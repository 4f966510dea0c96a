"""What the stand-in at the other end of a network card answers: ARP and ICMP echo.

Layouts: RFC 826 (ARP), RFC 791 (IPv4), RFC 792 (ICMP). The stand-in has whatever address it
is asked for; nothing else is answered.
"""

from __future__ import annotations

import struct

MAC = bytes.fromhex("525400716363")  # locally administered
_ARP = 0x0806
_IPV4 = 0x0800
_ICMP = 1
_REQUEST, _REPLY = 1, 2
_ETHERNET = 14


def answer(frame: bytes) -> bytes | None:
    """The frame that answers this one, if it is one that is answered."""
    if len(frame) < _ETHERNET:
        return None
    (kind,) = struct.unpack_from(">H", frame, 12)
    reply = {_ARP: _arp, _IPV4: _echo}.get(kind)
    payload = reply(frame[_ETHERNET:]) if reply else None
    return None if payload is None else frame[6:12] + MAC + frame[12:14] + payload


def _arp(packet: bytes) -> bytes | None:
    """The stand-in has the address that is asked for."""
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
