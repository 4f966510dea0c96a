"""A configuration as the words with which Proxmox VE would start it, and what they cannot say."""

from __future__ import annotations

import msgspec

from qcompat.errors import GuestError
from qcompat.guest.given.forms.shell import split_words
from qcompat.guest.given.proxmox import displays, others
from qcompat.guest.given.proxmox.document import Conf
from qcompat.guest.given.proxmox.drives import INTERFACES, all_drives
from qcompat.guest.given.proxmox.facts import Version, newest, revision_of
from qcompat.guest.given.proxmox.firmware import firmware
from qcompat.guest.given.proxmox.line import SHOWCMD, Line, Machine, machine_of, windows_version
from qcompat.guest.given.proxmox.memory import memory
from qcompat.guest.given.proxmox.networks import boot_order, networks
from qcompat.guest.given.proxmox.processor import cpu, smp
from qcompat.guest.guest import Uncovered

_OF_TEMPLATE = frozenset({"scsihw", "bios", "name"})
_DISKS = (*INTERFACES, "efidisk", "tpmstate")
_UNKNOWN = "Proxmox VE 9.2 has no such key, so what it gives the guest is not known"


def words_of(conf: Conf) -> tuple[tuple[str, ...], tuple[Uncovered, ...]]:
    """The words, the emulator first, and what they do not say of the guest. Errors: GuestError."""
    if conf.get("arch", "x86_64") != "x86_64":
        raise GuestError("a configuration is read for x86_64 alone", SHOWCMD)
    conf = _of_template(conf) if conf.flag("template") else conf
    line = Line(conf, machine_of(conf), windows_version(conf.get("ostype")))
    _say_what_is_open(line)
    _front(line)
    _devices(line)
    _bridges(line)
    _machine(line)
    clock = ("-rtc", ",".join(line.clock)) if line.clock else ()
    own = split_words(conf.get("args"))
    flags = ("-machine", ",".join(line.flags))
    words = ("/usr/bin/kvm", *line.front, *line.devices, *clock, *flags, *own)
    return words, tuple(dict.fromkeys(line.uncovered))


def _of_template(conf: Conf) -> Conf:
    """A template starts for its backup alone, with its disks and little else."""
    kept = {
        key: value
        for key, value in conf.values.items()
        if key in _OF_TEMPLATE or key.rstrip("0123456789") in _DISKS
    }
    values = {**kept, "template": "1", "kvm": "0", "vga": "none"}
    values.pop("tpmstate0", None)
    return msgspec.structs.replace(conf, values=values)


def _say_what_is_open(line: Line) -> None:
    conf, machine = line.conf, line.machine
    if machine.is_open:
        major, minor, revision = newest()
        taken = f"{major}.{minor}+pve{revision}"
        full = f"pc-{'q35' if machine.is_q35 else 'i440fx'}-{taken}"
        line.open(
            f"machine: {machine.type}",
            f"the QEMU of the guest's host decides which version that is, taken as {taken}; say it "
            f"in a copy of the file (machine: {full}), or",
        )
    elif machine.version > min(newest(), _highest(machine)):
        line.open(f"machine: {machine.type}", "it is of a later qemu-server than 9.2")
    for key in conf.unknown:
        line.open(f"{key}: {conf.get(key)}", _UNKNOWN)
    if conf.pending:
        what = f"changes that wait for the next start are not counted: {', '.join(conf.pending)}"
        line.uncovered.append(Uncovered("[PENDING]", what, "nothing"))


def _highest(machine: Machine) -> Version:
    major, minor, _ = machine.version
    return major, minor, revision_of(major, minor)


def _front(line: Line) -> None:
    line.option("name", line.conf.get("name", "ID").replace(",", ",,"))
    others.identity(line)
    firmware(line)
    if line.machine.is_q35:
        old = "" if line.since(4, 0) else "pve-q35.cfg"
        line.add("readconfig", f"/usr/share/qemu-server/{old or 'pve-q35-4.0.cfg'}")
    if _keeps_slots(line):
        line.option("global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off")
    if guid := line.conf.get("vmgenid"):
        line.device(f"vmgenid,guid={guid}")


def _keeps_slots(line: Line) -> bool:
    """Whether a Linux guest made before 6.1 keeps its names of PCI slots on a later machine."""
    made = line.conf.properties("meta").get("creation-qemu", "0.0").split(".")[:2]
    is_old = tuple(int(part) if part.isdecimal() else 0 for part in made) < (6, 1)
    return is_old and line.machine.is_open and line.machine.is_q35 and _is_linux(line)


def _is_linux(line: Line) -> bool:
    return line.conf.get("ostype") == "l26"


def _devices(line: Line) -> None:
    type_ = displays.display_type(line)
    displays.usb_controllers(line)
    displays.tablet(line, type_)
    boot = boot_order(line)
    hides_kvm, has_gpu = others.host_devices(line, boot)
    if has_gpu and "vga" not in line.conf.values:
        type_ = "none"
    displays.usb_devices(line, boot)
    others.ports(line)
    others.sound(line)
    others.tpm(line)
    smp(line)
    line.front += ("-nodefaults", "-boot", "menu=on,strict=on,reboot-timeout=1000")
    if not line.conf.flag("acpi", True):
        line.flags.append("acpi=off")
    displays.display(line, type_)
    others.clock(line)
    cpu(line, hides_kvm, has_gpu)
    memory(line)
    others.agent(line)
    others.random(line)
    displays.spice(line, type_)
    others.balloon(line)
    others.watchdog(line)
    all_drives(line, boot)
    networks(line, boot)
    others.shared_memory(line)
    if not line.conf.flag("kvm", True):
        line.flags.append("accel=tcg")
    _sleep(line)
    if type_.startswith(("serial", "none")) and line.conf.get("bios", "seabios") == "seabios":
        line.flags.append("smm=off")


def _sleep(line: Line) -> None:
    """Sleep states are off from 9.2+pve1 on, unless asked for. Errors: GuestError."""
    given = line.conf.properties("machine", "type")
    usual = "0" if line.guarded(9, 2, 1) else "1"
    device = "ICH9-LPC" if line.machine.is_q35 else "PIIX4_PM"
    for state in ("s3", "s4"):
        if given.get(f"enable-{state}", usual) not in ("1", "on", "yes", "true"):
            line.option("global", f"{device}.disable_{state}=1")


def _bridges(line: Line) -> None:
    """The PCI bridges that something is on; the layout of q35 has the first three."""
    buses = line.buses | ({1} if 4 in line.buses else set())
    if not line.machine.is_q35:
        buses |= {1, 2} if line.since(2, 3) else set()
        buses |= {3} if line.conf.get("scsihw") == "virtio-scsi-single" else set()
    igd = any(
        line.conf.properties(f"hostpci{number}", "host").get("legacy-igd") for number in range(16)
    )
    for bus in sorted(buses - {0}, reverse=True):
        if line.machine.is_q35 and bus < 4:
            continue
        place = line.slot("pci.2-igd" if bus == 2 and igd else f"pci.{bus}")
        words = ["-device", f"pci-bridge,id=pci.{bus},chassis_nr={bus}{place}"]
        at = 2 if line.machine.is_q35 else 0
        line.devices[at:at] = words


def _machine(line: Line) -> None:
    """`-machine`, its IOMMU, and what encrypts its memory. Errors: GuestError."""
    machine: Machine = line.machine
    line.flags.append(f"type={machine.type}+pve{line.revision}")
    given = line.conf.properties("machine", "type")
    kind, bits = given.get("viommu", ""), given.get("aw-bits", "")
    width = f",aw-bits={bits}" if bits else ""
    if bits and not kind:
        raise GuestError("machine: aw-bits is of an IOMMU, and there is none", "add viommu=intel")
    if kind == "intel" and not machine.is_q35:
        raise GuestError("machine: the IOMMU of Intel needs q35", "write machine: q35,viommu=intel")
    if kind == "intel":
        text = f"intel-iommu,intremap=on,caching-mode=on{width}"
        line.devices[0:0] = ["-device", text]
        line.flags.append("kernel-irqchip=split")
    elif kind == "virtio":
        line.device(f"virtio-iommu-pci{width}")
    others.encrypted(line)
    if not line.conf.flag("allow-ksm", True):
        line.flags.append("mem-merge=off")
    others.files(line)
