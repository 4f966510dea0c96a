"""What libvirt adds to a new definition: devices that no XML names, and models left open.

The first half is qemu's (src/qemu/qemu_postparse.c), the second every driver's
(src/conf/domain_postparse.c, virDomainDefAddImplicitDevices).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count as count_from
from xml.etree.ElementTree import Element

from qcompat.guest.given.domain.device import Address, Device
from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.processors import most_processors
from qcompat.guest.given.domain.read import insert_controller

_USB2 = frozenset({"ich9-ehci1", "ich9-uhci1", "ich9-uhci2", "ich9-uhci3"})
_WIDE_BUS = 16  # units of a SCSI bus; the controller itself is unit 7
_OWN_UNIT = 7
_WITHOUT_EIM = 255
"""The most processors of a guest without extended interrupt mode."""
_ISA_PORTS = 4


def complete(domain: Domain) -> None:
    """Add what libvirt adds, in its order; addresses come afterwards."""
    _number_controllers(domain)
    _default_devices(domain)
    _default_models(domain)
    _number_ports(domain)
    _place_disks(domain)
    _order_of_boot(domain)
    _consoles(domain)
    _implicit_controllers(domain)
    if domain.all("graphics") and not domain.all("video"):
        domain.all("video").append(Device("video", Element("video"), model=_display(domain)))


def add_controller(domain: Domain, type_: str, index: int, model: str = "") -> Device | None:
    """A controller, unless one has that index already."""
    if domain.controller(type_, index):
        return None
    element = Element("controller", {"type": type_})
    added = Device("controller", element, type=type_, model=model, index=index)
    insert_controller(domain, added)
    return added


def _number_controllers(domain: Domain) -> None:
    """Indices for controllers without; USB 2 companions share that of the controller before."""
    controllers = domain.all("controller")
    numbered = [each for each in controllers if each.index is None]
    for device in numbered:
        before = controllers[: controllers.index(device)]
        usb = [each for each in before if each.type == "usb"]
        previous = usb[-1] if usb and {usb[-1].model, device.model} <= _USB2 else None
        if previous and not any(
            each.index == previous.index and each.model == device.model and each is not device
            for each in domain.controllers("usb")
        ):
            device.index = previous.index
        else:
            used = {each.index for each in domain.controllers(device.type)}
            device.index = next(n for n in count_from() if n not in used)
    if any(each.model in _USB2 for each in numbered):
        domain.devices["controller"] = []
        for each in controllers:
            insert_controller(domain, each)


def _default_devices(domain: Domain) -> None:
    if domain.is_q35:
        add_controller(domain, "usb", 0, "qemu-xhci")
        add_controller(domain, "sata", 0)
        add_controller(domain, "pci", 0, "pcie-root")
    elif domain.is_virt:
        add_controller(domain, "pci", 0, "pcie-root")
    elif domain.machine not in {"isapc", "none"}:
        add_controller(domain, "usb", 0)
    if domain.is_i440fx:
        add_controller(domain, "pci", 0, "pci-root")
    if not domain.all("memballoon") and not domain.is_virt:
        balloon = Device("memballoon", Element("memballoon"), model="virtio")
        domain.all("memballoon").append(balloon)
    watchdogs = domain.all("watchdog")
    # up to 9.0 libvirt started guests without, and the XML of one that runs says so
    if domain.is_q35 and not domain.is_live and all(each.model != "itco" for each in watchdogs):
        element = Element("watchdog", {"action": "reset"})
        watchdogs.append(Device("watchdog", element, model="itco"))
    if domain.is_q35 and most_processors(domain) > _WITHOUT_EIM and not domain.all("iommu"):
        element = Element("iommu", {"model": "intel"})
        element.append(Element("driver", {"intremap": "on", "eim": "on"}))
        domain.all("iommu").append(Device("iommu", element, model="intel"))
    if not domain.all("audio") and _has_default_audio(domain):
        element = Element("audio", {"id": "1", "type": "none"})
        domain.all("audio").append(Device("audio", element))


def _has_default_audio(domain: Domain) -> bool:
    """(src/qemu/qemu_domain.c, qemuDomainDefSuggestDefaultAudioBackend)"""
    shown = [each.type for each in domain.all("graphics")]
    deciding = [each for each in shown if each in {"vnc", "spice", "sdl"}]
    return not shown or (bool(deciding) and deciding[-1] != "sdl")


def _default_models(domain: Domain) -> None:
    """Models that are left open, as the newest QEMU's capabilities decide."""
    usual: dict[str, Callable[[Device], str]] = {
        "interface": lambda nic: "virtio" if domain.is_virt else _nic(nic),
        "video": lambda _: _display(domain),
        "panic": lambda _: "pvpanic" if domain.is_virt else "isa",
        "tpm": lambda _: "tpm-tis",
        "vsock": lambda _: "virtio",
        "watchdog": lambda _: "i6300esb",
    }
    for tag, model in usual.items():
        for device in domain.all(tag):
            if device.model in {"", "default"}:
                device.model = model(device)
    for device in domain.controllers("usb"):
        device.model = device.model or ("qemu-xhci" if domain.is_virt else "piix3-uhci")


def _display(domain: Domain) -> str:
    return "virtio" if domain.is_virt else "cirrus"


def _nic(device: Device) -> str:
    return "virtio" if device.type in {"vdpa", "vhostuser"} else "rtl8139"


def _number_ports(domain: Domain) -> None:
    """Ports of serial and parallel devices that have none: ISA ones the first free of four."""
    serials = domain.all("serial")
    used = {each.index for each in serials if each.type == "isa-serial"}
    for device in serials:
        if device.type == "isa-serial" and device.index is None:
            device.index = next((n for n in range(_ISA_PORTS) if n not in used), None)
            used.add(device.index)
    for tag in ("serial", "parallel"):
        for device in domain.all(tag):
            if device.index is None:
                known = [each.index for each in domain.all(tag) if each.index is not None]
                device.index = max(known, default=-1) + 1


def _place_disks(domain: Domain) -> None:
    """Drive addresses after a disk's name (virDomainDiskDefAssignAddress)."""
    for disk in domain.all("disk"):
        if disk.address is None and disk.index is not None:
            disk.address = _drive_address(disk.bus, disk.index)
    for device in domain.all("hostdev"):
        if device.type == "scsi" and device.address is None:
            device.address = _free_unit(domain)


def _drive_address(bus: str, index: int) -> Address | None:
    if bus == "scsi":
        controller, unit = divmod(index, _WIDE_BUS - 1)
        return Address("drive", controller, unit=unit + (unit >= _OWN_UNIT))
    if bus == "ide":
        return Address("drive", index // 4, index % 4 // 2, unit=index % 2)
    if bus in {"sata", "fdc"}:
        units = {"sata": 6, "fdc": 2}[bus]
        return Address("drive", index // units, unit=index % units)
    return None


def _free_unit(domain: Domain) -> Address:
    taken = {
        (at.controller, at.bus, at.target, at.unit)
        for each in (*domain.all("disk"), *domain.all("hostdev"))
        if (at := each.at("drive")) and (each.bus == "scsi" or each.tag == "hostdev")
    }
    for controller in count_from():
        for unit in range(_WIDE_BUS):
            if unit != _OWN_UNIT and (controller, 0, 0, unit) not in taken:
                return Address("drive", controller, unit=unit)
    raise AssertionError("unreachable")


def _order_of_boot(domain: Domain) -> None:
    """`<boot dev=…>` as boot indices: the first device of each kind gets the place of its kind."""
    if not domain.boot_order and not any(each.boot for each in domain.placed()):
        domain.boot_order = ("hd",)
    places = {kind: place for place, kind in enumerate(domain.boot_order, 1)}
    for disk in domain.all("disk"):
        kind = {"cdrom": "cdrom", "floppy": "fd"}.get(disk.element.get("device", "disk"), "hd")
        if domain.boot_order:
            disk.boot = places.pop(kind, 0)
    nics = domain.all("interface")
    if nics and "network" in places:
        nics[0].boot = places["network"]


def _consoles(domain: Domain) -> None:
    """The first console is another name of the first serial port, or makes it."""
    consoles, serials = domain.all("console"), domain.all("serial")
    if consoles and consoles[0].type in {"", "serial"}:
        if not serials:
            first = consoles[0]
            serials.append(Device("serial", first.element, first.address, first.alias, index=0))
        consoles[0] = Device("console", Element("console"), type="serial")
    elif serials and serials[0].type in {"", "isa-serial"}:
        consoles.insert(0, Device("console", Element("console"), type="serial"))


def _implicit_controllers(domain: Domain) -> None:
    for bus in ("scsi", "fdc", "ide", "sata"):
        used = [at.controller for d in domain.all("disk") if d.bus == bus and (at := d.at("drive"))]
        for index in range(max(used, default=-1) + 1):
            add_controller(domain, bus, index)
    for tag in ("channel", "console"):
        for device in domain.all(tag):
            if device.type == "virtio":
                at = device.at("virtio-serial")
                add_controller(domain, "virtio-serial", at.controller if at else 0)
    for device in domain.all("smartcard"):
        device.address = device.address or Address("ccid")
        add_controller(domain, "ccid", device.address.controller)
    _controllers_of_host_disks(domain)
    for device in domain.controllers("scsi"):
        if device.model in {"", "auto"}:
            device.model = "lsilogic"


def _controllers_of_host_disks(domain: Domain) -> None:
    most, model = -1, ""
    for device in domain.all("hostdev"):
        at = device.at("drive")
        if device.type == "scsi" and at and at.controller > most:
            most = at.controller
            present = domain.controller("scsi", most)
            model = present.model if present and present.model else model
    for index in range(most + 1):
        add_controller(domain, "scsi", index, model)
