"""Network cards and the boot order, in which they stand beside the disks."""

from __future__ import annotations

import re

from qcompat.errors import GuestError
from qcompat.guest.given.form import shown
from qcompat.guest.given.proxmox.document import switch, whole
from qcompat.guest.given.proxmox.drives import INTERFACES, drives
from qcompat.guest.given.proxmox.facts import facts
from qcompat.guest.given.proxmox.line import Line

_MODELS = frozenset(
    {
        *("e1000", "e1000-82540em", "e1000-82544gc", "e1000-82545em", "e1000e", "i82551"),
        *("i82557b", "i82559er", "ne2k_isa", "ne2k_pci", "pcnet", "rtl8139", "virtio", "vmxnet3"),
    }
)
_ROMS = {
    "virtio": "virtio",
    "e1000": "e1000",
    "e1000e": "e1000e",
    "pcnet": "pcnet",
    "rtl8139": "rtl8139",
}
_USUAL_MTU = 1500
_LEGACY = "cdn"


def boot_order(line: Line) -> dict[str, int]:
    """The boot index of each device that has one. Errors: GuestError."""
    given = line.conf.properties("boot", "legacy")
    if "order" in given:
        devices = filter(None, re.split(r"[;\s]+", given["order"]))
        return {device: 100 + at for at, device in enumerate(devices)}
    if "boot" in line.conf.values and not given:
        return {}
    return _legacy(line, given.get("legacy", _LEGACY))


def _legacy(line: Line, kinds: str) -> dict[str, int]:
    """By kinds: hundreds for CD-ROM drives, disks (of which one boots), network cards."""
    next_ = {kind: 100 * (at + 1) for at, kind in enumerate(kinds)}
    order: dict[str, int] = {}
    for drive in drives(line.conf, (*INTERFACES, "efidisk", "tpmstate")):
        kind = "d" if drive.is_cdrom and not drive.is_cloud_init else "c"
        if kind in next_:
            if kind == "d" or line.conf.get("bootdisk") == drive.id:
                order[drive.id] = next_[kind]
            next_[kind] += 1
    for number in range(facts().keys.most["net"]):
        if line.conf.get(f"net{number}") and "n" in next_:
            order[f"net{number}"] = next_["n"]
            next_["n"] += 1
    return order


def networks(line: Line, boot: dict[str, int]) -> None:
    """Every card with its back end. Errors: GuestError."""
    for number in range(facts().keys.most["net"]):
        if line.conf.get(f"net{number}"):
            _card(line, f"net{number}", boot.get(f"net{number}", 0))


def _card(line: Line, name: str, boot: int) -> None:
    given = line.conf.properties(name, "model")
    model = next((each for each in given if each in _MODELS), given.get("model", ""))
    if model not in _MODELS:
        raise GuestError(f"{name} is {shown(line.conf.get(name))}", "write MODEL=MAC,bridge=NAME")
    queues = whole(given.get("queues", ""), name) if model == "virtio" else 0
    _back_end(line, name, given, queues, model)
    line.guarded(10, 0, 1)
    driver = "virtio-net-pci" if model == "virtio" else model
    text = f"{driver},mac={_address(line, name, given, model)},netdev={name}{line.slot(name)}"
    text += f",id={name}"
    if queues > 1:
        text += f",vectors={2 * queues + 2},mq=on" + (",packed=on" if line.since(7, 1) else "")
    if model == "virtio" and line.since(7, 1):
        text += ",rx_queue_size=1024,tx_queue_size=256"
    text += f",bootindex={boot}" if boot else ""
    if model == "virtio" and given.get("bridge"):
        text += _mtu(line, name, given)
    if line.machine.has_old_roms and model in _ROMS:
        text += f",romfile=pxe-{_ROMS[model]}.rom"
    line.device(text + (_tunnel(line, given) if model == "virtio" else ""))


def _address(line: Line, name: str, given: dict[str, str], model: str) -> str:
    address = given.get(model) or given.get("macaddr", "")
    if not address:
        line.open(name, "its MAC address is made at the first start", "nothing")
    return address or "BC:24:11:00:00:01"


def _back_end(line: Line, name: str, given: dict[str, str], queues: int, model: str) -> None:
    text = f"type=user,id={name}"
    if given.get("bridge"):
        text = f"type=tap,id={name},ifname=tapIDi{name[3:]}"
        scripts = "/usr/libexec/qemu-server/pve-bridge"
        text += f",script={scripts},downscript={scripts}down"
        text += ",vhost=on" if model == "virtio" else ""
    line.add("netdev", text + (f",queues={queues}" if queues else ""))


def _mtu(line: Line, name: str, given: dict[str, str]) -> str:
    """The card's MTU; where it is not given, or 1, that of the bridge, which the host knows.

    A move takes it along (running-nets-host-mtu), so it is the same on both ends.
    """
    own = whole(given.get("mtu", ""), f"mtu of {name}")
    mtu = own if own > 1 else _USUAL_MTU
    if own <= 1:
        bridge = given.get("bridge", "")
        line.open(f"{name}: the MTU of {bridge}", f"taken as {_USUAL_MTU}", "nothing")
    always = line.since(10, 0, 1)
    return f",host_mtu={mtu}" if always or mtu != _USUAL_MTU else ""


def _tunnel(line: Line, given: dict[str, str]) -> str:
    """Off where it is not asked for, from 11.0+pve1 on; before, where it is refused."""
    asked = given.get("host-tunnel")
    is_on = switch(asked, "host-tunnel")
    if line.since(11, 0, 1):
        return "" if is_on else ",host_tunnel=off"
    return ",host_tunnel=off" if line.since(10, 2) and asked and not is_on else ""
