"""The command line of a guest while it is put together, and the guest's machine."""

from __future__ import annotations

import re

import msgspec

from qcompat.errors import GuestError
from qcompat.guest.given.form import shown
from qcompat.guest.given.proxmox.document import Conf
from qcompat.guest.given.proxmox.facts import Version, newest, revision_of, slots
from qcompat.guest.guest import Loss, Uncovered

SHOWCMD = "on the guest's host: qm showcmd ID --pretty > guest.sh, and give that file"
_TYPE = re.compile(
    r"(?P<kind>pc|pc-i440fx|pc-q35|q35)(-(?P<major>\d{1,3})\.(?P<minor>\d{1,3})(\.\d+)*"
    r"(\+pve(?P<revision>\d{1,3}))?)?(?P<pxe>\.pxe)?",
    re.ASCII,
)


class Machine(msgspec.Struct, frozen=True):
    """A guest's machine: its type without a revision, and the version that decides what it has.

    `is_open`: the configuration names no version, so that the host's QEMU decides. `has_old_roms`:
    the network cards have the boot ROMs of QEMU 2.3 and before.
    """

    type: str
    version: Version
    is_q35: bool
    is_open: bool = False
    has_old_roms: bool = False


class Line(msgspec.Struct):
    """The options so far: those in front, then the devices; flags of the machine and the clock.

    `buses` are the PCI bridges that something is on, `revision` the revision of the machine type
    that what was written needs.
    """

    conf: Conf
    machine: Machine
    windows: int
    front: list[str] = []
    devices: list[str] = []
    flags: list[str] = []
    clock: list[str] = []
    buses: set[int] = set()
    revision: int = 0
    uncovered: list[Uncovered] = []

    def option(self, name: str, value: str) -> None:
        """An option in front of the devices."""
        self.front += (f"-{name}", value)

    def device(self, text: str) -> None:
        self.add("device", text)

    def add(self, name: str, value: str) -> None:
        """An option among the devices."""
        self.devices += (f"-{name}", value)

    def open(self, subject: str, reason: str, loses: Loss = "state") -> None:
        """Something of the guest that its configuration does not say."""
        self.uncovered.append(Uncovered(subject, f"{reason}; {SHOWCMD}", loses))

    def slot(self, device: str) -> str:
        """Where a device is, as fields; its bus is there then. Empty for one without a place."""
        if device not in slots():
            return ""
        bus, slot = slots()[device]
        self.buses.add(bus)
        return f",bus=pci.{bus},addr=0x{slot:x}"

    def since(self, major: int, minor: int, revision: int = 0) -> bool:
        """Whether the machine is of that version or a later one."""
        return self.machine.version >= (major, minor, revision)

    def guarded(self, major: int, minor: int, revision: int) -> bool:
        """As `since`; a machine of just that version then needs the revision in its name."""
        if not self.since(major, minor, revision):
            return False
        if not self.since(major, minor, revision_of(major, minor) + 1):
            self.revision = max(self.revision, revision)
        return True


def windows_version(ostype: str) -> int:
    """What Proxmox takes for the version of Windows; 0: another system."""
    old = {"wxp": 5, "w2k": 5, "w2k3": 5, "w2k8": 6, "wvista": 6}
    found = re.fullmatch(r"win(\d{1,2})", ostype, re.ASCII)
    return int(found[1]) if found else old.get(ostype, 0)


def machine_of(conf: Conf) -> Machine:
    """The machine that a configuration asks for. Errors: GuestError."""
    given = conf.get("runningmachine") or conf.properties("machine", "type").get("type", "pc")
    found = _TYPE.fullmatch(given)
    if found is None:
        raise GuestError(f"machine is {shown(given)}, which is no x86 machine type", SHOWCMD)
    is_q35 = "q35" in found["kind"]
    if found["major"]:
        version = int(found["major"]), int(found["minor"]), int(found["revision"] or 0)
        type_ = re.split(r"\+|\.pxe", given)[0]
        return Machine(type_, version, is_q35, has_old_roms=bool(found["pxe"]) or version < (2, 4))
    if windows_version(conf.get("ostype")):
        major, minor = _pinned(conf)
        kind = "pc-q35" if is_q35 else "pc-i440fx"
        return Machine(f"{kind}-{major}.{minor}", (major, minor, 0), is_q35)
    return Machine(found["kind"], newest(), is_q35, is_open=True, has_old_roms=bool(found["pxe"]))


def _pinned(conf: Conf) -> tuple[int, int]:
    """Windows stays on the version that it was made on, from 9.1 on; before, on 5.1."""
    made = re.match(
        r"(\d{1,3})\.(\d{1,3})", conf.properties("meta").get("creation-qemu", ""), re.ASCII
    )
    version = (int(made[1]), int(made[2])) if made else (0, 0)
    return version if version >= (9, 1) else (5, 1)
