"""Network cards that reach a stand-in: filters on each card's backend, and their sockets."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Sequence

from qcompat.guest.guest import Uncovered
from qcompat.guest.option import Option
from qcompat.guest.stand_ins.replaced import Replaced
from qcompat.trial.live.peer import Peer

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
        if _is_network(option) and option.has("queues"):
            lost.append(Uncovered(option.written, _SEVERAL))
        made.append(option)
    return Replaced(tuple(made), tuple(lost))


def networks(options: Sequence[Option]) -> tuple[str, ...]:
    """The names of the networks whose packets go to a stand-in."""
    found = (o for o in options if _is_network(o) and not o.has("queues"))
    return tuple(option.get("id") for option in found)


def _is_network(option: Option) -> bool:
    return option.name in {"netdev", "nic"} and option.get("type") != "none"


class Cards:
    """What one QEMU inherits for its cards, and the arguments that say so."""

    def __init__(self, names: Sequence[str]) -> None:
        self._ours: list[tuple[socket.socket, socket.socket]] = []
        self._theirs: list[socket.socket] = []
        self.arguments = tuple(word for name in names for word in self._card(name))

    @property
    def descriptors(self) -> tuple[int, ...]:
        return tuple(end.fileno() for end in self._theirs)

    def handed_over(self) -> None:
        """QEMU has its ends; ours of them are closed, so that we see it close."""
        for end in self._theirs:
            end.close()

    @contextlib.asynccontextmanager
    async def answered(self) -> AsyncIterator[None]:
        """Every card has its stand-in meanwhile."""
        peers = [Peer(*pair) for pair in self._ours]
        try:
            yield
        finally:
            for peer in peers:
                await peer.close()

    def close(self) -> None:
        self.handed_over()
        for pair in self._ours:
            for end in pair:
                end.close()

    def _card(self, name: str) -> Iterator[str]:
        out, into = self._pair(), self._pair()
        self._ours.append((out[0], into[0]))
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
        self._theirs.append(theirs)
        return ours, theirs
