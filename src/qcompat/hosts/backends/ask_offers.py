"""Asking a build what it offers a driver on this host.

A network device is started, paused, on a tap in a private network, and its features are read as
a driver would find them. Where no tap can be made the device has none: its properties are known
then, and what a tap would let through is not. Of the other kinds of device only the properties are
listed: nothing of the host is opened for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from qcompat.arch.architecture import architecture_of
from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.learn.accelerators import ANY
from qcompat.builds.run.command import command
from qcompat.errors import CommandError, QcompatError, QemuError
from qcompat.hosts.backends.model import DeviceOffer
from qcompat.hosts.backends.other_machine_types import tables_of, values_elsewhere
from qcompat.hosts.devices.features import DeviceKind, features_of, table
from qcompat.machine.value import canonical
from qcompat.portrait.access import access_to
from qcompat.portrait.monitor_info import read_qtree
from qcompat.portrait.portrait import Device, Gap, VirtioDevice
from qcompat.portrait.virtio import read_virtio
from qcompat.qemu.launch import launch
from qcompat.qemu.process import Qemu
from qcompat.stream.decode.virtio.features import named

NET = "virtio-net-pci"
BOARDS = ("q35", "virt", "pseries")
_BARE = (*ANY, "-m", "16M", "-nodefaults", "-display", "none")
_TAP = (
    "-netdev",
    "tap,id=n,ifname=qc0,script=no,downscript=no",
    "-device",
    f"{NET},netdev=n,id=qc",
)
_ALONE = ("-device", f"{NET},id=qc")
_WORDS = 4
"""Words of 32 feature bits that a device may offer since 10.2."""


async def ask_offers(
    build: Build, facts: BuildFacts, *, has_taps: bool
) -> tuple[tuple[DeviceOffer, ...], Gap | None]:
    """What `build` offers, device by device, on the newest machine type of its usual board.

    The gap says why nothing could be asked.
    """
    board = _board(facts)
    if not board:
        return (), Gap(build.name, "it has no machine type that qcompat knows how to start")
    prefix = command(build, network_namespace=has_taps)
    words = [*_BARE, "-machine", board, *(_TAP if has_taps else _ALONE)]
    try:
        async with launch(prefix, words) as qemu:
            told = [await _network(qemu, build, board), *await _listed(qemu, build)]
    except QemuError as error:
        return (), Gap(build.name, error.message)
    tables = await tables_of(build)
    return tuple(values_elsewhere(each, tables) for each in told), None


def _board(facts: BuildFacts) -> str:
    names = {name for each in facts.machines for name in (each.name, each.alias)}
    usual = next((each.name for each in facts.machines if each.is_default), "")
    return next((board for board in BOARDS if board in names), usual)


async def _network(qemu: Qemu, build: Build, board: str) -> DeviceOffer:
    devices = _ours(read_qtree(await qemu.monitor("info qtree")))
    told = {name: value for each in devices for name, value in each.properties.items()}
    found = await _found(qemu, board, devices)
    names = None if found is None else named(found.device_id, found.features)
    (kind,) = [kind for kind in table().kind if NET in kind.types]
    return await _offer(qemu, build, NET, names, _governing(kind, told))


def _ours(devices: Iterable[Device]) -> list[Device]:
    """The device and what is inside it (a proxy's own virtio device)."""
    listed = list(devices)
    path = next((each.path for each in listed if each.id == "qc"), None)
    return [d for d in listed if path and (d.path == path or d.path.startswith(f"{path}/"))]


def _governing(kind: DeviceKind, told: Mapping[str, Any]) -> dict[str, str]:
    names = {row.property for row in features_of(kind)} & told.keys()
    return {name: canonical(told[name]) for name in sorted(names)}


async def _offer(
    qemu: Qemu, build: Build, type_: str, features: tuple[str, ...] | None, values: dict[str, str]
) -> DeviceOffer:
    machine = str(await qemu.execute("qom-get", {"path": "/machine", "property": "type"}))
    return DeviceOffer(
        build=build.name,
        version=build.identity.version,
        device=type_,
        machine=machine.removesuffix("-machine"),
        features=features,
        properties=values,
    )


async def _found(qemu: Qemu, machine: str, devices: Iterable[Device]) -> VirtioDevice | None:
    """What the driver would find; None on boards whose configuration space cannot be read."""
    try:
        space = (await access_to(qemu, architecture_of(machine))).pci
        if space is None:
            return None
        for place in await space.functions([each.address for each in devices if each.address]):
            config = await space.config(place)
            found = await read_virtio(space, qemu.qtest, place, config, words=_WORDS)
            if found is not None:
                return found
    except (QcompatError, ValueError, LookupError):
        return None
    return None


async def _listed(qemu: Qemu, build: Build) -> list[DeviceOffer]:
    """The other kinds of device, by the defaults that the build reports for their types."""
    found = []
    for kind in table().kind:
        type_ = kind.types[0] if kind.types else NET
        if type_ == NET:
            continue
        try:
            rows = await qemu.execute("device-list-properties", {"typename": type_})
        except CommandError:
            continue  # the build has no such device
        told = {str(row["name"]): row["default-value"] for row in rows if "default-value" in row}
        found.append(await _offer(qemu, build, type_, None, _governing(kind, told)))
    return found
