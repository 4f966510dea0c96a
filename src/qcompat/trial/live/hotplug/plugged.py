"""Plugging into the guest of one QEMU, taking out again, and whether the guest saw it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from qcompat.errors import CommandError, QemuTimeoutError
from qcompat.guest.guest import Uncovered
from qcompat.guest.option import format_fields
from qcompat.qemu.process import Qemu
from qcompat.trial.live.agent.messages import GuestReport
from qcompat.trial.live.hotplug.kinds import NoPlace, Plug, placed
from qcompat.trial.trial import Check

_PAUSE = 0.2
_TRIES = 50
_UNSEEN = "it was plugged, and the guest's kernel does not show it"


class Plugged(msgspec.Struct, frozen=True):
    """What was plugged, as the target has to start it, and what could not be."""

    plugs: tuple[Plug, ...] = ()
    lost: tuple[Uncovered, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(word for plug in self.plugs for word in plug.words)


async def plug(qemu: Qemu, offers: Sequence[Plug | NoPlace]) -> Plugged:
    """Plug each of them; one that QEMU refuses is named with its words. Errors: QemuError."""
    done: list[Plug] = []
    lost: list[Uncovered] = []
    for offer in offers:
        if isinstance(offer, NoPlace):
            lost.append(_lost(offer.kind, offer.reason))
            continue
        try:
            await _add(qemu, offer)
            done.append(await placed(qemu, offer))
        except CommandError as error:
            lost.append(_lost(offer.kind, f"QEMU refuses it: {error.message}"))
    return Plugged(tuple(done), tuple(lost))


def _lost(kind: str, reason: str) -> Uncovered:
    return Uncovered(f"hot-plugged {kind}", reason, "nothing")


async def _add(qemu: Qemu, plug: Plug) -> None:
    if plug.option == "blockdev":
        node = dict(plug.back_end)
        typed = node | {"size": int(node["size"]), "read-zeroes": node["read-zeroes"] == "on"}
        await qemu.execute("blockdev-add", typed)
    elif plug.option:
        # QMP's form of it changed in 6.0; the monitor's did not.
        text = await qemu.monitor(f"object_add {format_fields(plug.back_end, 'qom-type')}")
        if text.strip():
            raise CommandError(text.strip())
    text = await qemu.monitor(f"device_add {format_fields(plug.device, 'driver')}")
    if text.strip():
        raise CommandError(text.strip())


async def unplug(qemu: Qemu, plugs: Sequence[Plug], seconds: float) -> tuple[Check, ...]:
    """Take them out, the last first, with the guest's consent. Errors: QemuError."""
    return tuple([await _unplug(qemu, each, seconds) for each in reversed(plugs)])


async def _unplug(qemu: Qemu, plug: Plug, seconds: float) -> Check:
    what = f"unplugging the {plug.kind}"
    try:
        await qemu.execute("device_del", {"id": plug.id})
        async with asyncio.timeout(seconds):
            while plug.id in await _peripherals(qemu):
                await asyncio.sleep(_PAUSE)
        await _without_back_end(qemu, plug)
    except (CommandError, QemuTimeoutError) as error:
        return Check(what, "broken", "", error.message)
    except TimeoutError:
        return Check(what, "broken", "", f"the guest did not let go of it in {seconds:.0f} s")
    return Check(what, "same")


async def _without_back_end(qemu: Qemu, plug: Plug) -> None:
    """Take the back end away too; QEMU lets go of it some time after the device is gone."""
    command = "blockdev-del" if plug.option == "blockdev" else "object-del"
    key = "node-name" if plug.option == "blockdev" else "id"
    for left in reversed(range(_TRIES if plug.option else 0)):
        try:
            await qemu.execute(command, {key: plug.back_end_id})
        except CommandError:
            if not left:
                raise
            await asyncio.sleep(_PAUSE)
        else:
            return


async def _peripherals(qemu: Qemu) -> frozenset[str]:
    listed = await qemu.execute("qom-list", {"path": "/machine/peripheral"})
    return frozenset(str(each["name"]) for each in listed)


def unseen(plugs: Sequence[Plug], before: GuestReport, after: GuestReport) -> Iterator[Uncovered]:
    """Those of which the guest shows nothing, by what it reports before and after."""
    for each in plugs:
        count = _COUNTS[each.kind]
        if count(after) <= count(before):
            yield _lost(each.kind, _UNSEEN)


def check_seen(plugs: Sequence[Plug], before: GuestReport, after: GuestReport) -> Iterator[Check]:
    """Whether the guest has after a hop what was plugged into it before."""
    for each in plugs:
        one, other = _COUNTS[each.kind](before), _COUNTS[each.kind](after)
        what = f"hot-plugged {each.kind}"
        yield Check(what, "same") if one == other else Check(what, "broken", "there", "gone")


def _ram(report: GuestReport) -> int:
    """The bytes that the guest's map of memory says are RAM."""
    total = 0
    for line in report.text("iomem").splitlines():
        span, _, what = line.partition(" : ")
        if what == "System RAM" and not line.startswith(" "):
            first, last = (int(end, 16) for end in span.split("-"))
            total += last - first + 1
    return total


_COUNTS: Mapping[str, Callable[[GuestReport], int]] = {
    "PCI device": lambda report: len(report.below("pci")),
    "USB device": lambda report: len(report.below("usb")),
    "SCSI disk": lambda report: len(report.below("disk")),
    "processor": lambda report: report.text("cpu/cpuinfo").count("processor\t"),
    "memory module": _ram,
}
