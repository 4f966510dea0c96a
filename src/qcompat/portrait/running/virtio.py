"""Asking a running QEMU for its virtio devices: agreed features, queues.

Questions that could do harm are not sent: those that a paused twin of the guest did not survive,
and those for a device whose queues another process serves.

QEMU answers with names of features (hw/virtio/virtio-qmp.c, since 7.2), which are those of the
specification in capitals; a bit without a name comes as a number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from qcompat.errors import CommandError
from qcompat.guest.option import flatten, parse_fields
from qcompat.portrait.portrait import Device, Gap
from qcompat.portrait.running.observed import Observed, QueueNow, VirtioNow
from qcompat.portrait.running.peripherals import pci_place
from qcompat.qemu.monitor import Monitor
from qcompat.stream.decode.virtio.features import feature_names
from qcompat.stream.virtio.state import QUEUE_MAX

_NAME = re.compile(r"^VIRTIO_(?:[A-Z0-9]+_)?F_(\w+)")
_OTHERWISE = {"ring_packed": "packed", "ring_reset": "queue_reset"}
_DRIVER_OK = "VIRTIO_CONFIG_S_DRIVER_OK"
_BACKEND = "/virtio-backend"


LIST, QUEUE, STATUS = "x-query-virtio", "x-query-virtio-queue-status", "x-query-virtio-status"


async def ask_virtio(
    monitor: Monitor, seen: Observed
) -> tuple[tuple[VirtioNow, ...], tuple[Gap, ...]]:
    """The virtio devices, in the order in which QEMU lists them, and what was not asked."""
    if not {LIST, QUEUE} <= monitor.tried:
        return (), (Gap("virtio", "this build has no command for it, or crashes on it"),)
    gaps = [] if STATUS in monitor.tried else [Gap("agreed virtio features", _DIES)]
    found: list[VirtioNow] = []
    for each in await monitor.ask(LIST):
        path = str(each["path"])
        device = await _owner(monitor, path, seen.devices)
        if device is None or is_served_outside(device, seen):
            gaps.append(Gap(f"virtio of {device.path if device else path}", _OUTSIDE))
        else:
            found.append(await _device(monitor, path, device))
    return tuple(found), tuple(gaps)


_DIES = "this build crashes on x-query-virtio-status: a paused twin did"
_OUTSIDE = "another process may serve its queues, and asking could stop them"


def is_served_outside(device: Device, seen: Observed) -> bool:
    """Whether a device's queues may be those of a vhost-user or vDPA process.

    A question for a queue there becomes VHOST_USER_GET_VRING_BASE, which stops the queue
    (docs/interop/vhost-user.rst of 10.0.13). Where this is not known, the answer is yes.
    """
    if device.type.startswith(("vhost-user", "vhost-vdpa", "virtio-crypto")):
        return True
    if not device.type.startswith("virtio-net"):
        return False
    behind = [d for d in seen.devices if d.path.startswith(f"{device.path}/")]
    names = {d.properties.get("netdev", "").strip('"') for d in (device, *behind)} - {""}
    return not names or not names <= _own_networks(seen.arguments)


def _own_networks(arguments: Sequence[str]) -> frozenset[str]:
    """The ids of `-netdev` options of QEMU's own kinds; vhost of the kernel only reads too."""
    options = [value for name, value in pairwise(arguments) if name in ("-netdev", "--netdev")]
    found = [dict(parse_fields(o, "type")) for o in options if not o.startswith("{")]
    found += [dict(flatten(json.loads(o))) for o in options if o.startswith("{")]
    return frozenset(f.get("id", "") for f in found if f.get("type") in _OWN_NETWORKS)


_OWN_NETWORKS = ("user", "tap", "bridge", "socket", "stream", "dgram", "l2tpv3", "hubport")


async def _device(monitor: Monitor, path: str, device: Device) -> VirtioNow:
    listed = VirtioNow(path=device.path, address=device.address, queues={})
    if STATUS not in monitor.tried:
        return msgspec.structs.replace(listed, queues=await _queues(monitor, path, QUEUE_MAX))
    status = await monitor.ask(STATUS, path=path)
    number = int(status["device-id"])
    agreed, unnamed = _bits(number, status["guest-features"])
    told = status["status"].get("statuses", [])
    return VirtioNow(
        path=device.path,
        address=device.address,
        device_id=number,
        is_driven=any(str(each).startswith(_DRIVER_OK) for each in told),
        agreed=agreed,
        queues=await _queues(monitor, path, min(int(status["num-vqs"]), QUEUE_MAX)),
        unnamed=unnamed,
    )


async def _queues(monitor: Monitor, path: str, count: int) -> Mapping[int, QueueNow]:
    queues: dict[int, QueueNow] = {}
    for index in range(count):
        try:
            queue = await monitor.ask("x-query-virtio-queue-status", path=path, queue=index)
        except CommandError:
            break  # QEMU answers that there is no such queue
        queues[index] = QueueNow(int(queue["vring-num"]), int(queue["vring-num-default"]))
    return queues


async def _owner(monitor: Monitor, path: str, devices: Sequence[Device]) -> Device | None:
    """The device that the guest sees: the proxy around the backend, by its id or its place."""
    proxy = path.removesuffix(_BACKEND)
    named = next((d for d in devices if d.id and proxy == f"/machine/peripheral/{d.id}"), None)
    if named:
        return named
    bus = str(await monitor.ask("qom-get", path=proxy, property="parent_bus")).rpartition("/")[2]
    at = pci_place(await monitor.ask("qom-get", path=proxy, property="addr"))
    return next((d for d in devices if d.bus == bus and d.properties.get("addr") == at), None)


def _bits(device_id: int, told: Mapping[str, Any]) -> tuple[int, tuple[str, ...]]:
    """The features as bits, and the names of which no bit is known."""
    bits, unnamed = int(told.get("unknown-dev-features", 0)), []
    known = _known(device_id)
    for text in (*told.get("transports", ()), *told.get("dev-features", ())):
        match = _NAME.match(str(text))
        name = match[1].lower() if match else ""
        bit = known.get(_OTHERWISE.get(name, name))
        if bit is None:
            unnamed.append(str(text).partition(":")[0])
        else:
            bits |= 1 << bit
    return bits, tuple(unnamed)


def _known(device_id: int) -> Mapping[str, int]:
    names = feature_names()
    own = names.device.get(str(device_id), {})
    return {name: int(bit) for bit, name in (*names.common.items(), *own.items())}
