"""Ports of virtio serial controllers, and slots of memory, for devices that have none.

(libvirt: src/conf/domain_addr.c, virDomainVirtioSerialAddrAssign; src/qemu/qemu_domain_address.c)
"""

from __future__ import annotations

from itertools import count as count_from

from qcompat.guest.given.domain.defaults import add_controller
from qcompat.guest.given.domain.device import Address, Device
from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.values import count

_USUAL_PORTS = 31


def assign_serial_ports(domain: Domain) -> None:
    """Channels get ports from 1 on; a console takes one from 0 on, and QEMU places it itself."""
    taken: dict[int, set[int]] = {
        device.index or 0: set() for device in domain.controllers("virtio-serial")
    }
    for device in (*domain.all("channel"), *domain.all("console")):
        if (at := device.at("virtio-serial")) and at.unit:
            taken.setdefault(at.controller, set()).add(at.unit)
    for tag, first in (("console", 0), ("channel", 1)):
        for device in domain.all(tag):
            at = device.at("virtio-serial")
            if device.type == "virtio" and not (at and at.unit):
                place = _next(domain, taken, first, at)
                device.address = place if tag == "channel" else device.address


def _next(domain: Domain, taken: dict[int, set[int]], first: int, at: Address | None) -> Address:
    numbers = [at.controller] if at else sorted(taken)
    for number in numbers:
        controller = domain.controller("virtio-serial", number)
        most = _ports(controller) if controller else _USUAL_PORTS
        free = next((port for port in range(first, most) if port not in taken[number]), None)
        if free is not None:
            taken[number].add(free)
            return Address("virtio-serial", number, unit=free)
    added = next(n for n in count_from() if domain.controller("virtio-serial", n) is None)
    add_controller(domain, "virtio-serial", added)
    taken[added] = {first}
    return Address("virtio-serial", added, unit=first)


def _ports(controller: Device) -> int:
    given = count(controller.element, "ports")
    return _USUAL_PORTS if given is None else given


def assign_memory_slots(domain: Domain) -> None:
    """DIMMs get the first free slots."""
    modules = [each for each in domain.all("memory") if each.model in {"dimm", "nvdimm"}]
    taken = {at.slot for each in modules if (at := each.at("dimm"))}
    for device in modules:
        if device.at("dimm") is None:
            slot = next(n for n in count_from() if n not in taken)
            taken.add(slot)
            device.address = Address("dimm", slot=slot)
