"""A domain while it is completed: what its XML says, and its devices in libvirt's order."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import msgspec

from qcompat.guest.given.domain.device import Device
from qcompat.guest.given.domain.values import part, switch
from qcompat.guest.guest import Uncovered

ARM = "aarch64"
PLACED = (
    *("disk", "interface", "sound", "hostdev", "video", "controller", "smartcard"),
    *("serial", "parallel", "channel", "console", "input", "filesystem", "watchdog"),
    *("memballoon", "rng", "nvram", "hub", "shmem", "tpm", "panic", "memory", "redirdev"),
    *("iommu", "vsock", "crypto", "pstore"),
)
"""Devices with an address, in the order in which libvirt goes through them
(src/conf/domain_conf.c, virDomainDeviceInfoIterateFlags)."""


class Domain(msgspec.Struct):
    """A domain. `is_live` says that its XML is that of a running guest, with its addresses and
    aliases; `boot_order` are the kinds of <boot dev=…>; `firmware` is worked out by `firmware`.
    """

    element: Element
    name: str
    machine: str
    architecture: str
    hypervisor: str
    is_live: bool
    devices: dict[str, list[Device]]
    boot_order: tuple[str, ...] = ()
    uncovered: list[Uncovered] = []

    def all(self, tag: str) -> list[Device]:
        """The devices of one element's name; the list itself."""
        return self.devices.setdefault(tag, [])

    def placed(self) -> Iterator[Device]:
        """Every device that may have an address, in libvirt's order."""
        for tag in PLACED:
            yield from self.all(tag)

    def controllers(self, type_: str) -> list[Device]:
        return [each for each in self.all("controller") if each.type == type_]

    def controller(self, type_: str, index: int) -> Device | None:
        """The first controller of a type with an index."""
        return next((c for c in self.controllers(type_) if c.index == index), None)

    def part(self, path: str) -> Element:
        return part(self.element, path)

    def feature(self, name: str) -> bool | None:
        """A feature that is switched by `state`; one without it is on."""
        found = self.element.find(f"features/{name}")
        return None if found is None else switch(found, "state") is not False

    def leave_out(self, uncovered: Uncovered) -> None:
        self.uncovered.append(uncovered)

    @property
    def is_q35(self) -> bool:
        return self.machine == "q35" or self.machine.startswith("pc-q35")

    @property
    def is_i440fx(self) -> bool:
        return self.machine == "pc" or self.machine.startswith(
            ("pc-0.", "pc-1.", "pc-i440fx", "rhel")
        )

    @property
    def is_virt(self) -> bool:
        """Whether it is the board `virt` of ARM, the only one of it that is read."""
        return self.architecture == ARM

    @property
    def is_kvm(self) -> bool:
        return self.hypervisor == "kvm"

    @property
    def has_express_root(self) -> bool:
        root = self.controller("pci", 0)
        return root is not None and root.model == "pcie-root"
