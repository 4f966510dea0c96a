"""What the stand-in at the other end of a network card answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.guest import command_line
from qcompat.trial.live.network import MAC, answer, checksum, networks, with_names

GUEST = bytes.fromhex("525400123456")
ASKED = bytes.fromhex(
    "ffffffffffff5254001234560806"  # Ethernet
    "00010800060400015254001234560a4d0002"  # who is 10.77.0.1? tell 10.77.0.2
    "0000000000000a4d0001"
)
PING = bytes.fromhex(
    "525400716363525400123456" + "0800"  # Ethernet
    "4500002054d240004001d11b0a4d00020a4d0001"  # IPv4, 32 bytes, 10.77.0.2 to .1
    "0800f7fe00010000ffff0000"  # echo request
)


def test_it_has_the_address_that_is_asked_for() -> None:
    reply = answer(ASKED)

    assert reply is not None
    assert reply[:14] == GUEST + MAC + b"\x08\x06"
    assert reply[20:22] == b"\0\2"
    assert reply[22:32] == MAC + bytes([10, 77, 0, 1])
    assert reply[32:42] == GUEST + bytes([10, 77, 0, 2])


def test_an_echo_goes_back_to_whom_it_came_from() -> None:
    reply = answer(PING)

    assert reply is not None
    assert reply[:12] == GUEST + MAC
    assert reply[26:34] == bytes([10, 77, 0, 1, 10, 77, 0, 2])
    assert checksum(reply[34:]) == 0
    assert reply[34] == 0
    assert reply[38:] == PING[38:]


def test_a_reply_is_not_answered() -> None:
    reply = answer(PING)

    assert reply is not None
    assert answer(reply) is None


@given(st.binary(max_size=128))
def test_no_frame_makes_it_fail(payload: bytes) -> None:
    for start in (b"", PING[:14], ASKED[:14], PING[:24]):
        answer(start + payload)


@given(st.binary(max_size=64))
def test_a_checksum_with_itself_is_zero(data: bytes) -> None:
    even = data + bytes(len(data) % 2)

    assert checksum(even + checksum(even).to_bytes(2, "big")) == 0


@pytest.mark.parametrize(
    ("network", "names"),
    [("user,id=n", ("n",)), ("vhost-user,id=n,chardev=c", ()), ("tap,id=n,queues=2", ())],
)
def test_cards_whose_packets_cannot_be_taken_are_named(
    network: str, names: tuple[str, ...]
) -> None:
    options = command_line.read(["-netdev", network])
    assert networks(options) == names
    assert bool(with_names(options).uncovered) is not bool(names)
