"""A domain as its XML describes it, nothing added yet."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from qcompat.arch.architecture import Architecture, architecture_called, architectures, usual
from qcompat.arch.machine_type import parse_machine_type
from qcompat.errors import GuestError
from qcompat.guest.given.domain.address import address_of
from qcompat.guest.given.domain.device import Device
from qcompat.guest.given.domain.domain import ARM, PLACED, Domain
from qcompat.guest.given.domain.values import count, kibibytes, number, part, switch, text
from qcompat.guest.given.form import shown
from qcompat.guest.guest import Uncovered

_DISK = re.compile(r"(?:fd|hd|vd|sd|xvd|ubd)([a-z]{1,6})\d*")
_BUS_OF_NAME = (("hd", "ide"), ("sd", "scsi"), ("vd", "virtio"), ("xvd", "xen"))
_UNPLACED = frozenset({"graphics", "audio"})
_OF_HOST = frozenset({"emulator", "lease", "redirfilter"})
_COMPANIONS = {"ich9-uhci1": 0, "ich9-uhci2": 2, "ich9-uhci3": 4}
"""The first ports of companion controllers that name none."""
_NIC_MODELS = frozenset(
    {"virtio", "virtio-transitional", "virtio-non-transitional", "rtl8139", "e1000", "e1000e"}
    | {"igb", "vmxnet3", "usb-net", "netfront"}
)
_BY_COMMAND_LINE = (
    "give its command line: virsh domxml-to-native qemu-argv --domain NAME > guest.sh, or "
    "/proc/PID/cmdline"
)
_UNKNOWN = "qcompat does not know this part of a domain"


def read_domain(element: Element) -> Domain:
    """What the XML says. Errors: GuestError for a domain that is none of QEMU, or lacks a part."""
    hypervisor = element.get("type", "")
    if hypervisor not in {"kvm", "qemu", "hvf"}:
        raise GuestError(
            f"it is a domain of {shown(hypervisor)}, and not of QEMU",
            "give a domain of type kvm or qemu",
        )
    type_ = part(element, "os/type")
    architecture = _architecture(type_.get("arch") or usual().name)
    machine = type_.get("machine") or ("virt" if architecture.name == ARM else "pc")
    if architecture.name == ARM and parse_machine_type(machine).board != "virt":
        raise GuestError(
            f"it has the board {shown(machine)}, and of ARM qcompat reads domains of virt alone",
            _BY_COMMAND_LINE,
        )
    domain = Domain(
        element=element,
        name=text(element, "name"),
        machine=machine,
        architecture=architecture.name,
        hypervisor=hypervisor,
        is_live=element.get("id") not in (None, "-1"),
        devices={},
        boot_order=tuple(each.get("dev", "") for each in element.iterfind("os/boot")),
        uncovered=[],
    )
    for each in part(element, "devices"):
        _read(domain, each)
    return domain


def _architecture(name: str) -> Architecture:
    """The architecture, one whose domains are read. Errors: GuestError."""
    found = architecture_called(name)
    if found is not None and found != usual() and name != ARM:
        raise GuestError(
            f"it is a guest of {shown(name)}, an architecture whose domains qcompat does not read",
            _BY_COMMAND_LINE,
        )
    if found is None:
        known = " and ".join(architectures())
        raise GuestError(
            f"it is a guest of {shown(name)}, an architecture that qcompat does not know yet",
            f"it knows guests of {known}",
        )
    return found


def _read(domain: Domain, element: Element) -> None:
    tag = element.tag
    if tag in _OF_HOST:
        return
    if tag not in PLACED and tag not in _UNPLACED:
        domain.leave_out(Uncovered(f"<{tag}>", _UNKNOWN))
        return
    device = Device(
        tag,
        element,
        address_of(element),
        _alias(domain, element),
        element.get("type", ""),
        element.get("model", ""),
        boot=count(part(element, "boot"), "order") or 0,
    )
    _READ.get(tag, _as_it_is)(device)
    _insert(domain, device)


def _alias(domain: Domain, element: Element) -> str:
    """libvirt takes aliases only from a running guest, and those that a user chose."""
    name = part(element, "alias").get("name", "")
    return name if domain.is_live or name.startswith("ua-") else ""


def _as_it_is(_: Device) -> None:
    pass


def _disk(device: Device) -> None:
    target = part(device.element, "target")
    name = target.get("dev", "").removeprefix("ioemu:")
    device.index = disk_index(name)
    by_name = next((bus for start, bus in _BUS_OF_NAME if name.startswith(start)), "ide")
    is_floppy = device.element.get("device") == "floppy"
    device.bus = target.get("bus") or ("fdc" if is_floppy else by_name)


def disk_index(name: str) -> int | None:
    """The number of a disk's name: `vda` is 0, `vdaa` 26 (src/util/virutil.c)."""
    match = _DISK.fullmatch(name)
    if match is None:
        return None
    index = 0
    for letter in match[1]:
        index = index * 26 + ord(letter) - ord("a") + 1
    return index - 1


def _controller(device: Device) -> None:
    device.index = count(device.element, "index")
    given = count(part(device.element, "master"), "startport")
    device.master = _COMPANIONS.get(device.model) if given is None else given


def _interface(device: Device) -> None:
    model = part(device.element, "model").get("type", "")
    device.model = model.lower() if model.lower() in _NIC_MODELS else model


def _video(device: Device) -> None:
    device.model = part(device.element, "model").get("type", "")


def _character(device: Device) -> None:
    target = part(device.element, "target")
    device.index = count(target, "port")
    device.type = target.get("type", "")
    device.model = part(target, "model").get("name", "")


def _memory(device: Device) -> None:
    device.size = kibibytes(part(device.element, "target/size")) or 0
    device.node = number(text(device.element, "target/node"), "<node>")


def _input(device: Device) -> None:
    usual = {"mouse": "ps2", "keyboard": "ps2", "passthrough": "virtio", "evdev": "none"}
    device.bus = device.element.get("bus") or usual.get(device.type, "usb")


def _shmem(device: Device) -> None:
    device.model = part(device.element, "model").get("type", "ivshmem")


_READ = {
    "disk": _disk,
    "controller": _controller,
    "interface": _interface,
    "video": _video,
    "serial": _character,
    "parallel": _character,
    "channel": _character,
    "console": _character,
    "memory": _memory,
    "input": _input,
    "shmem": _shmem,
}


def _insert(domain: Domain, device: Device) -> None:
    if device.tag == "controller":
        insert_controller(domain, device)
    elif device.tag == "disk":
        _insert_disk(domain.all("disk"), device)
    elif device.tag == "video" and switch(part(device.element, "model"), "primary"):
        domain.all("video").insert(0, device)
    else:
        domain.all(device.tag).append(device)
        if device.tag == "interface" and device.type == "hostdev":
            domain.all("hostdev").append(_host_card(device))


def _host_card(card: Device) -> Device:
    """A card of the host that the guest has as one of its networks."""
    type_ = part(card.element, "source/address").get("type", "pci")
    return Device("hostdev", card.element, card.address, card.alias, type=type_, boot=card.boot)


def _insert_disk(present: list[Device], device: Device) -> None:
    """Disks of one bus are in the order of their names (virDomainDiskInsert)."""
    at = -1
    for place in range(len(present) - 1, -1, -1):
        if _named_bus(present[place]) != _named_bus(device):
            continue
        if _order(present[place]) > _order(device):
            at = place
        elif at == -1:
            at = place + 1
    present.insert(len(present) if at == -1 else at, device)


def _named_bus(device: Device) -> str:
    return part(device.element, "target").get("bus", "")


def _order(device: Device) -> int:
    return -1 if device.index is None else device.index


def insert_controller(domain: Domain, device: Device) -> None:
    """Put a controller after those of its type with lower indices, and before its companions.

    (src/conf/domain_conf.c, virDomainControllerInsertPreAlloced)
    """
    present = domain.all("controller")
    at = -1
    for place in range(len(present) - 1, -1, -1):
        other = present[place]
        if other.type != device.type:
            continue
        if device.index is None:
            at = place + 1
            break
        is_master_of = (
            device.master is None and other.master is not None and other.index == device.index
        )
        if (other.index is not None and other.index > device.index) or is_master_of:
            at = place
        elif at == -1:
            at = place + 1
    present.insert(len(present) if at == -1 else at, device)
