"""One QEMU of a live trial, with our ends of the guest's serial port and network cards."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from qcompat.builds.run.command import command
from qcompat.portrait.portrait import Accel
from qcompat.qemu.launch import launch
from qcompat.qemu.process import Qemu
from qcompat.trial.live.body import Body, make_body
from qcompat.trial.live.cards import Cards, networks
from qcompat.trial.live.furniture import Furniture
from qcompat.trial.live.port import Port
from qcompat.trial.stop import Stop
from qcompat.trial.trial import Variant
from qcompat.trial.wire.faults import with_faults


class House(msgspec.Struct, frozen=True):
    """What the QEMUs of one trial have in common; `place` is the directory they share."""

    furniture: Furniture
    accel: Accel
    variant: Variant
    place: Path

    @property
    def patterns(self) -> frozenset[str]:
        """The MD5 sums of what was put on the disks."""
        return frozenset(self.furniture.disks.sums.values())

    def body(self, stop: Stop) -> Body:
        return make_body(stop.guest, self.accel, self.furniture.disks)

    def command(self, stop: Stop) -> list[str]:
        words = command(
            stop.build,
            writable=(self.place,) if self.variant == "multifd" else (),
            kvm=self.accel == "kvm",
            network_namespace=stop.guest.network_namespace,
        )
        return with_faults(words) if self.variant == "postcopy" else words


class Life(msgspec.Struct, frozen=True):
    """The running QEMU, and our end of the port that the guest speaks on."""

    qemu: Qemu
    port: Port


@contextlib.asynccontextmanager
async def live(house: House, stop: Stop, *, incoming: bool) -> AsyncIterator[Life]:
    """Start the guest of a stop, paused or waiting for it to come. Raises as `launch` does."""
    body = house.body(stop)
    async with contextlib.AsyncExitStack() as stack:
        port = Port()
        stack.push_async_callback(port.close)
        cards = Cards(networks(body.options))
        stack.callback(cards.close)
        inherit = (port.theirs.fileno(), *cards.descriptors, *house.furniture.descriptors)
        arguments = _arguments(house, body, port, cards)
        waiting = ("-incoming", "defer") if incoming else ()
        starting = launch(house.command(stop), [*arguments, *waiting], inherit=inherit)
        qemu = await stack.enter_async_context(starting)
        port.theirs.close()
        cards.handed_over()
        await stack.enter_async_context(cards.answered())
        yield Life(qemu, port)


def _arguments(house: House, body: Body, port: Port, cards: Cards) -> list[str]:
    line = f"socket,id={body.line.chardev},fd={port.theirs.fileno()}"
    return [
        *("-accel", house.accel, *body.arguments, *house.furniture.arguments),
        *("-append", body.append, "-chardev", line, *cards.arguments),
    ]
