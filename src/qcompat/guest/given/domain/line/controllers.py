"""Controllers of buses, and the IOMMU (libvirt: qemuBuildControllersCommandLine)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from qcompat.errors import GuestError
from qcompat.guest.given.domain.device import Device
from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.line.virtio import virtio
from qcompat.guest.given.domain.line.words import Value, Words, device, placed, positive
from qcompat.guest.given.domain.values import count, kibibytes, number, part, switch, text, word
from qcompat.guest.given.form import shown

_ORDER = ("pci", "usb", "scsi", "ide", "sata", "virtio-serial")
_USB = {
    "piix3-uhci": "piix3-usb-uhci",
    "piix4-uhci": "piix4-usb-uhci",
    "ehci": "usb-ehci",
    "ich9-ehci1": "ich9-usb-ehci1",
    "ich9-uhci1": "ich9-usb-uhci1",
    "ich9-uhci2": "ich9-usb-uhci2",
    "ich9-uhci3": "ich9-usb-uhci3",
    "vt82c686b-uhci": "vt82c686b-usb-uhci",
    "pci-ohci": "pci-ohci",
    "nec-xhci": "nec-usb-xhci",
    "qemu-xhci": "qemu-xhci",
}
_SCSI = {
    "lsilogic": "lsi",
    "lsisas1068": "mptsas1068",
    "lsisas1078": "megasas",
    "vmpvscsi": "pvscsi",
    "am53c974": "am53c974",
    "dc390": "dc-390",
}
_PCI = {
    "pci-bridge": "pci-bridge",
    "dmi-to-pci-bridge": "i82801b11-bridge",
    "pcie-to-pci-bridge": "pcie-pci-bridge",
    "pcie-root-port": "pcie-root-port",
    "pcie-switch-upstream-port": "x3130-upstream",
    "pcie-switch-downstream-port": "xio3130-downstream",
    "pci-expander-bus": "pxb",
    "pcie-expander-bus": "pxb-pcie",
}
_FIRST_EXPANDER = 256


def controllers(domain: Domain, types: tuple[str, ...] = _ORDER) -> Words:
    """All controllers that QEMU does not have by itself, type by type."""
    for type_ in types:
        for each in domain.controllers(type_):
            target = part(each.element, "target")
            hotplug = switch(target, "hotplug") if each.model == "pci-root" else None
            if hotplug is not None:
                said = f"PIIX4_PM.acpi-root-pci-hotplug={'on' if hotplug else 'off'}"
                yield from ("-global", said)
            if not _is_builtin(domain, each):
                yield from device(domain, {**_fields(domain, each), **placed(domain, each)})


def holes(domain: Domain) -> Words:
    """How large the window for 64-bit BARs is."""
    for each in domain.controllers("pci"):
        hole = each.element.find("pcihole64")
        if hole is not None:
            host = "q35-pcihost" if each.model == "pcie-root" else "i440FX-pcihost"
            yield from ("-global", f"{host}.pci-hole64-size={kibibytes(hole) or 0}K")


def _is_builtin(domain: Domain, each: Device) -> bool:
    if each.type == "pci":
        return each.model in {"pci-root", "pcie-root"}
    if each.type == "usb":
        return each.model == "none"
    return each.index == 0 and (
        (each.type == "sata" and domain.is_q35) or (each.type == "ide" and domain.is_i440fx)
    )


def _fields(domain: Domain, each: Device) -> dict[str, Value]:
    if each.type == "pci":
        return _pci(domain, each)
    if each.type == "usb":
        return _usb(domain, each)
    if each.type == "scsi":
        return _scsi(each)
    if each.type == "virtio-serial":
        return {
            **virtio(each, "virtio-serial"),
            "id": each.alias,
            "max_ports": count(each.element, "ports"),
            "vectors": count(each.element, "vectors"),
        }
    driver = {"ccid": "usb-ccid", "sata": "ahci"}.get(each.type)
    if driver is None:
        raise GuestError(
            f"a further {each.type} controller is nothing that QEMU has", "leave it out"
        )
    return {"driver": driver, "id": each.alias}


def _pci(domain: Domain, each: Device) -> dict[str, Value]:
    target = part(each.element, "target")
    if each.model not in _PCI:
        raise GuestError(f"{shown(each.model)} is no model of a PCI controller", ", ".join(_PCI))
    driver = part(each.element, "model").get("name") or _PCI[each.model]
    reserve = positive(kibibytes(target, "KiB", "memReserve"))
    at, bytes_ = each.address, reserve * 1024 if reserve else None
    slot, function = (at.slot, at.function) if at else (0, 0)
    number_ = number(target.get("chassis"), "chassis")
    chassis = each.index if number_ is None else number_
    port = number(target.get("port"), "port")
    if each.model == "pci-bridge":
        own = number(target.get("chassisNr"), "chassisNr")
        own = each.index if own is None else own
        return {"driver": driver, "chassis_nr": own, "mem-reserve": bytes_, "id": each.alias}
    if each.model in {"pcie-root-port", "pcie-switch-downstream-port"}:
        is_root = each.model == "pcie-root-port"
        usual = (slot << 3) + function if is_root else slot
        return {
            "driver": driver,
            "port": usual if port is None else port,
            "chassis": chassis,
            "id": each.alias,
            "hotplug": switch(target, "hotplug"),
            "mem-reserve": bytes_,
        }
    if each.model.endswith("expander-bus"):
        node = number(text(target, "node"), "<node>")
        bus = _bus_number(domain, each)
        return {"driver": driver, "bus_nr": bus, "id": each.alias, "numa_node": node}
    return {"driver": driver, "id": each.alias}


def _bus_number(domain: Domain, each: Device) -> int:
    """The one given, else two below the lowest, in the order of the expanders."""
    lowest = min(
        (n for c in domain.controllers("pci") if (n := _given_number(c)) is not None),
        default=_FIRST_EXPANDER,
    )
    own = _given_number(each)
    if own is not None:
        return own
    for other in domain.controllers("pci"):
        if other.model.endswith("expander-bus") and _given_number(other) is None:
            lowest -= 2
            if other is each:
                break
    return lowest


def _given_number(each: Device) -> int | None:
    return number(part(each.element, "target").get("busNr"), "busNr")


def _usb(domain: Domain, each: Device) -> dict[str, Value]:
    if each.model not in _USB:
        raise GuestError(f"{shown(each.model)} is no model of a USB controller", ", ".join(_USB))
    ports = count(each.element, "ports")
    fields: dict[str, Value] = {"driver": _USB[each.model], "p2": ports, "p3": ports}
    if each.master is None:
        return {**fields, "id": each.alias}
    masters = [c for c in domain.controllers("usb") if c.index == each.index and c.master is None]
    alias = masters[0].alias if masters else "usb"
    return {**fields, "masterbus": f"{alias}.0", "firstport": each.master}


def _scsi(each: Device) -> dict[str, Value]:
    if not each.model.startswith("virtio"):
        if each.model not in _SCSI:
            raise GuestError(
                f"{shown(each.model)} is no model of a SCSI controller", ", ".join(_SCSI)
            )
        return {"driver": _SCSI[each.model], "id": each.alias}
    driver = part(each.element, "driver")
    thread = word(driver, "iothread")
    return {
        **virtio(each, "virtio-scsi"),
        "iothread": f"iothread{thread}" if thread else None,
        "id": each.alias,
        "num_queues": positive(count(driver, "queues")),
        "iothread-vq-mapping": mapping(driver),
        "cmd_per_lun": positive(count(driver, "cmd_per_lun")),
        "max_sectors": positive(count(driver, "max_sectors")),
        "ioeventfd": switch(driver, "ioeventfd"),
    }


def mapping(driver: Element) -> list[dict[str, object]] | None:
    """Which I/O thread serves which queues."""
    made: list[dict[str, object]] = []
    for thread in driver.iterfind("iothreads/iothread"):
        queues = [count(each, "id") for each in thread.iterfind("queue")]
        entry: dict[str, object] = {"iothread": f"iothread{thread.get('id')}"}
        made.append(entry | ({"vqs": queues} if queues else {}))
    return made or None


def iommu(domain: Domain) -> Words:
    for each in domain.all("iommu"):
        driver = part(each.element, "driver")
        if each.model == "virtio":
            fields: dict[str, Value] = {"driver": "virtio-iommu", "id": each.alias}
            yield from device(domain, {**fields, **placed(domain, each)})
        elif each.model == "intel":
            names = {"intremap": "intremap", "caching_mode": "caching-mode", "eim": "eim"}
            names |= {"iotlb": "device-iotlb"}
            yield from device(
                domain,
                {
                    "driver": "intel-iommu",
                    "id": each.alias,
                    **{written: _spelt(driver, name) for name, written in names.items()},
                    "aw-bits": positive(count(driver, "aw_bits")),
                    "dma-translation": switch(driver, "dma_translation"),
                },
            )


def _spelt(driver: Element, name: str) -> Value:
    """libvirt writes these two as words, since they may be `auto`."""
    state = switch(driver, name)
    if name in {"intremap", "eim"}:
        return None if state is None else ("on" if state else "off")
    return state
