"""What can be plugged into a guest, one kind after the other, and where it has a place for it.

A device is added with all that decides on its place, so that the target, which gets it on its
command line, puts it where the guest knows it.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from qcompat.arch.architecture import board_of
from qcompat.errors import CommandError
from qcompat.guest.option import Option, Pairs, format_fields, parse_size
from qcompat.portrait.monitor_info import read_qtree
from qcompat.qemu.process import Qemu

_PREFIX = "qcompat-"
_DIMM_SIZE = "128M"
_DISK_SIZE = str(16 << 20)
_LAST_SLOT = 0x1E
_SCSI_ID = "77"


class Plug(msgspec.Struct, frozen=True):
    """A device to be plugged, and what it needs beside it.

    `kind` is what it is to a reader. `device` are the fields of `-device`, `back_end` those of
    `-object` or `-blockdev`, which `option` names.
    """

    kind: str
    device: Pairs
    option: str = ""
    back_end: Pairs = ()

    @property
    def id(self) -> str:
        return dict(self.device)["id"]

    @property
    def back_end_id(self) -> str:
        found = dict(self.back_end)
        return found.get("node-name") or found.get("id", "")

    @property
    def words(self) -> tuple[str, ...]:
        """It on a command line."""
        implied = "qom-type" if self.option == "object" else "driver"
        behind = (f"-{self.option}", format_fields(self.back_end, implied)) if self.option else ()
        return (*behind, "-device", format_fields(self.device, "driver"))


class NoPlace(msgspec.Struct, frozen=True):
    """A kind of device for which the guest has no place, and why."""

    kind: str
    reason: str


async def offered(qemu: Qemu, options: Sequence[Option], machine: str) -> list[Plug | NoPlace]:
    """Of each kind one device, or why the guest has no place for it. Errors: QemuError."""
    return [
        _pci(options, machine, await qemu.monitor("info qtree")),
        _usb(options),
        _dimm(options),
        await _processor(qemu),
        _disk(options),
    ]


def _pci(options: Sequence[Option], machine: str, qtree: str) -> Plug | NoPlace:
    kind = "PCI device"
    rng = (("driver", "virtio-rng-pci"), ("id", f"{_PREFIX}rng"), ("rng", f"{_PREFIX}source"))
    behind: Pairs = (("qom-type", "rng-builtin"), ("id", f"{_PREFIX}source"))
    devices = [option for option in options if option.name == "device"]
    ports = [o.get("id") for o in devices if o.get("driver") in _ROOT_PORTS and o.get("id")]
    if empty := [port for port in ports if not any(o.get("bus") == port for o in devices)]:
        place = (("bus", empty[0]), ("addr", "0"))
    elif board_of(machine).is_express:
        return NoPlace(kind, "it has no empty root port with an id (-device pcie-root-port,id=…)")
    else:
        taken = {device.address[8:10] for device in read_qtree(qtree) if device.address}
        slot = next(n for n in range(_LAST_SLOT, 0, -1) if f"{n:02x}" not in taken)
        place = (("bus", "pci.0"), ("addr", f"{slot:#x}"))
    return Plug(kind, (*rng, *place), "object", behind)


_ROOT_PORTS = frozenset({"pcie-root-port", "ioh3420"})


def _usb(options: Sequence[Option]) -> Plug | NoPlace:
    machine = next((o for o in options if o.name == "machine"), Option("machine"))
    has_bus = any(o.name == "device" and _is_usb_controller(o.get("driver")) for o in options)
    if not has_bus and machine.get("usb") != "on":
        return NoPlace("USB device", "it has no USB controller (-device qemu-xhci)")
    return Plug("USB device", (("driver", "usb-tablet"), ("id", f"{_PREFIX}tablet")))


def _is_usb_controller(driver: str) -> bool:
    return any(part in driver for part in ("xhci", "ehci", "uhci", "ohci"))


def _dimm(options: Sequence[Option]) -> Plug | NoPlace:
    memory = [option for option in options if option.name == "m"]
    slots = memory[-1].get("slots") if memory else ""
    size = parse_size(memory[-1].get("size") or "128", "M") if memory else None
    most = parse_size(memory[-1].get("maxmem") or "0", "M") if memory else None
    room = (most or 0) - (size or 0)
    if not slots or room < (parse_size(_DIMM_SIZE) or 0):
        return NoPlace("memory module", "it has no slot and room for one (-m 1G,slots=2,maxmem=2G)")
    behind = (("qom-type", "memory-backend-ram"), ("id", f"{_PREFIX}memory"), ("size", _DIMM_SIZE))
    device = (("driver", "pc-dimm"), ("id", f"{_PREFIX}dimm"), ("memdev", f"{_PREFIX}memory"))
    return Plug("memory module", device, "object", behind)


async def _processor(qemu: Qemu) -> Plug | NoPlace:
    kind = "processor"
    try:
        places = await qemu.execute("query-hotpluggable-cpus")
    except CommandError as error:
        return NoPlace(kind, f"its machine type takes none: {error.message}")
    empty = [place for place in places if not place.get("qom-path")]
    if not empty:
        return NoPlace(kind, "it has all that it can have (-smp 1,maxcpus=2)")
    place = empty[-1]
    props = tuple((key, str(value)) for key, value in sorted(place["props"].items()))
    return Plug(kind, (("driver", place["type"]), ("id", f"{_PREFIX}processor"), *props))


def _disk(options: Sequence[Option]) -> Plug | NoPlace:
    kind = "SCSI disk"
    drivers = [o.get("driver") for o in options if o.name == "device"]
    if not any(driver.startswith("virtio-scsi") for driver in drivers):
        return NoPlace(kind, "it has no virtio-scsi (-device virtio-scsi-pci)")
    behind = (
        ("driver", "null-co"),
        ("node-name", f"{_PREFIX}node"),
        ("size", _DISK_SIZE),
        ("read-zeroes", "on"),
    )
    device = (
        *(("driver", "scsi-hd"), ("id", f"{_PREFIX}disk"), ("drive", f"{_PREFIX}node")),
        *(("channel", "0"), ("scsi-id", _SCSI_ID), ("lun", "0")),
    )
    return Plug(kind, device, "blockdev", behind)


async def placed(qemu: Qemu, plug: Plug) -> Plug:
    """A device that was plugged, with the place that QEMU chose for it. Errors: QemuError."""
    given = dict(plug.device)
    learned: list[tuple[str, str]] = []
    if given["driver"] in ("usb-tablet", "scsi-hd"):
        path = f"/machine/peripheral/{plug.id}"
        bus = await qemu.execute("qom-get", {"path": path, "property": "parent_bus"})
        learned.append(("bus", str(bus).rpartition("/")[2]))
    if given["driver"] == "usb-tablet":
        learned.append(("port", _port(await qemu.monitor("info usb"), plug.id)))
    if given["driver"] == "pc-dimm":
        modules = await qemu.execute("query-memory-devices")
        found = [m["data"] for m in modules if m["data"].get("id") == plug.id]
        learned += [(key, str(m[key])) for m in found for key in ("slot", "addr", "node")]
    return msgspec.structs.replace(plug, device=(*plug.device, *learned))


def _port(usb: str, id_: str) -> str:
    """`Device 0.1, Port 2, Speed 480 Mb/s, Product QEMU USB Tablet, ID: x` → 2."""
    lines = [line for line in usb.splitlines() if line.rstrip().endswith(f"ID: {id_}")]
    if not lines:
        raise CommandError(f"`info usb` does not show {id_}")
    return lines[0].partition("Port ")[2].partition(",")[0]
