"""Disks (libvirt: qemuBuildDisksCommandLine)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from qcompat.guest.given.domain.device import Device
from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.line.characters import chardev
from qcompat.guest.given.domain.line.controllers import mapping
from qcompat.guest.given.domain.line.images import Image, chains, nodes
from qcompat.guest.given.domain.line.virtio import virtio
from qcompat.guest.given.domain.line.words import Value, Words, device, option, placed, positive
from qcompat.guest.given.domain.values import count, number, part, switch, text, word
from qcompat.guest.guest import Uncovered

_TRANSIENT = "libvirt plugs a transient disk with a shared backing file into the guest that runs"
_OPTIONAL = "libvirt starts the guest without this medium where its image is missing"
_DESCRIPTOR = "an image that is handed to libvirt as a file descriptor may be opened otherwise"
_VOLUME = "which image a volume of a pool is, only its libvirt knows; a raw one of 1 GiB stands in"
_WRITES_BACK = {
    "none": True,
    "writeback": True,
    "unsafe": True,
    "writethrough": False,
    "directsync": False,
}


def disks(domain: Domain) -> Words:
    """Every disk with its images, and the floppy controller's options in front."""
    yield from _floppies(domain)
    images = chains(domain)
    for disk in domain.all("disk"):
        name = f"<disk> {part(disk.element, 'target').get('dev')}"
        if switch(part(disk.element, "transient"), "shareBacking"):
            domain.leave_out(Uncovered(name, _TRANSIENT))
            continue
        if disk.element.get("type") == "volume":
            domain.leave_out(Uncovered(name, _VOLUME, "nothing"))
        if disk.element.find(".//source[@fdgroup]") is not None:
            domain.leave_out(Uncovered(name, _DESCRIPTOR, "nothing"))
        if part(disk.element, "source").get("startupPolicy") in {"optional", "requisite"}:
            domain.leave_out(Uncovered(name, _OPTIONAL, "nothing"))
        yield from _disk(domain, disk, images[id(disk)])


def _floppies(domain: Domain) -> Words:
    boots = {
        (at.unit if (at := disk.at("drive")) else 0): disk.boot
        for disk in domain.all("disk")
        if disk.bus == "fdc"
    }
    if not boots:
        return
    fields = {f"bootindex{'B' if unit else 'A'}": boot for unit, boot in sorted(boots.items())}
    given = {name: boot for name, boot in fields.items() if boot}
    if domain.is_q35:
        yield from device(domain, {"driver": "isa-fdc", **given})
    else:
        for name, boot in given.items():
            yield from ("-global", f"isa-fdc.{name}={boot}")


def _disk(domain: Domain, disk: Device, images: list[Image]) -> Words:
    is_read_only = (
        disk.element.find("readonly") is not None or disk.element.get("device") == "cdrom"
    )
    if disk.bus == "sd":
        yield from _card(disk, images, is_read_only=is_read_only)
        return
    for place in range(len(images) - 1, -1, -1):
        below = images[place + 1] if place + 1 < len(images) else None
        yield from nodes(images[place], below, is_read_only=is_read_only or place > 0)
    node: str | None = images[0].node if images else None
    if switch(part(disk.element, "driver"), "copy_on_read") and images:
        name = f"libvirt-CoR-{part(disk.element, 'target').get('dev')}"
        yield from option(
            "blockdev", {"driver": "copy-on-read", "node-name": name, "file": images[0].node}
        )
        node = name
    last = images[-1].number if images else 0
    filters = disk.element.findall("throttlefilters/throttlefilter")
    for number_, _ in enumerate(filters, last + 1):
        name = f"libvirt-{number_}-filter"
        yield from option("blockdev", {"driver": "throttle", "node-name": name, "file": node})
        node = name
    if disk.element.get("type") == "vhostuser":
        yield from chardev(part(disk.element, "source"), f"chr-vu-{disk.alias}", "unix")
    yield from device(domain, _fields(domain, disk, node))


def _card(disk: Device, images: list[Image], *, is_read_only: bool) -> Words:
    said = [f"file={_name(images[0])}", f"format={images[0].format}"] if images else []
    said += [f"if=sd,index={disk.index or 0}", *(["readonly=on"] if is_read_only else [])]
    yield from ("-drive", ",".join(said))


def _name(image: Image) -> str:
    return image.source.get("file") or image.source.get("dev") or image.source.get("name") or ""


def _fields(domain: Domain, disk: Device, node: str | None) -> dict[str, Value]:
    element, driver = disk.element, part(disk.element, "driver")
    kind = element.get("device", "disk")
    block, shape = part(element, "blockio"), part(element, "geometry")
    wwn = text(element, "wwn")
    write, read = _policies(driver)
    is_vhost = element.get("type") == "vhostuser"
    fields = _type(disk, driver, kind)
    on_scsi, on_ata = disk.bus == "scsi", disk.bus in {"ide", "sata"}
    serial = (element.findtext("serial") or "").replace(" ", "\\ ") or None
    cache = _cache(disk, driver) if kind != "lun" else None
    return {
        **fields,
        **placed(domain, disk),
        "device_id": (element.findtext("serial") or f"drive-{disk.alias}")
        if on_scsi and kind != "lun"
        else None,
        "share-rw": True if element.find("shareable") is not None else None,
        "drive": None if is_vhost else node,
        "chardev": f"chr-vu-{disk.alias}" if is_vhost else None,
        "id": disk.alias,
        "bootindex": positive(disk.boot) if kind != "floppy" else None,
        "logical_block_size": positive(count(block, "logical_block_size")),
        "physical_block_size": positive(count(block, "physical_block_size")),
        "discard_granularity": positive(count(block, "discard_granularity")),
        "wwn": number(f"0x{wwn.removeprefix('0x')}", "<wwn>") if wwn else None,
        "rotation_rate": positive(count(part(element, "target"), "rotation_rate")),
        "vendor": text(element, "vendor") or None,
        "product": (text(element, "product") or None) if on_scsi else None,
        "model": (text(element, "product") or None) if on_ata else None,
        "removable": _removable(disk, kind),
        "write-cache": None if cache is None else ("on" if cache else "off"),
        "cyls": positive(count(shape, "cyls")),
        "heads": positive(count(shape, "heads")),
        "secs": positive(count(shape, "secs")),
        "bios-chs-trans": word(shape, "trans"),
        "serial": serial,
        "werror": write,
        "rerror": read,
    }


def _type(disk: Device, driver: Element, kind: str) -> dict[str, Value]:
    if disk.bus == "virtio":
        is_vhost = disk.element.get("type") == "vhostuser"
        thread = word(driver, "iothread")
        return {
            **virtio(disk, "vhost-user-blk" if is_vhost else "virtio-blk"),
            "iothread": f"iothread{thread}" if thread else None,
            "ioeventfd": switch(driver, "ioeventfd"),
            "event_idx": switch(driver, "event_idx"),
            "num-queues": positive(count(driver, "queues")),
            "queue-size": positive(count(driver, "queue_size")),
            "iothread-vq-mapping": mapping(driver),
        }
    if disk.bus == "scsi":
        kinds = {"lun": "scsi-block", "cdrom": "scsi-cd"}
        return {"driver": kinds.get(kind, "scsi-hd")}
    if disk.bus in {"ide", "sata"}:
        return {"driver": "ide-cd" if kind == "cdrom" else "ide-hd"}
    return {"driver": {"usb": "usb-storage", "fdc": "floppy"}.get(disk.bus, disk.bus)}


def _cache(disk: Device, driver: Element) -> bool | None:
    """Whether the guest sees a write cache; one that shares the disk gets cache=none."""
    is_shared = disk.element.find("shareable") is not None
    is_read_only = disk.element.find("readonly") is not None
    mode = driver.get("cache", "default")
    usual = "none" if is_shared and not is_read_only else ""
    return _WRITES_BACK.get(usual if mode == "default" else mode)


def _removable(disk: Device, kind: str) -> bool | None:
    given = switch(part(disk.element, "target"), "removable")
    if disk.bus == "usb":
        return bool(given)
    return given if disk.bus == "scsi" and kind not in {"lun", "cdrom"} else None


def _policies(driver: Element) -> tuple[str | None, str | None]:
    write, read = word(driver, "error_policy"), word(driver, "rerror_policy")
    if write == "enospace":
        return "enospc", read
    return write, read or write
