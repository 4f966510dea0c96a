"""Everything else that a configuration gives a guest: host devices, ports, agent, TPM, sound, …"""

from __future__ import annotations

import base64
import binascii
import re

from qcompat.errors import GuestError
from qcompat.guest.given.form import shown
from qcompat.guest.given.proxmox.document import switch, whole
from qcompat.guest.given.proxmox.facts import facts
from qcompat.guest.given.proxmox.firmware import encryption
from qcompat.guest.given.proxmox.line import Line

_RUN = "/var/run/qemu-server"
_EARLY_PORTS = 4
_IDS = ("vendor-id", "device-id", "sub-vendor-id", "sub-device-id")


def identity(line: Line) -> None:
    """`-smbios type=1`. Errors: GuestError."""
    given = line.conf.properties("smbios1")
    coded = switch(given.pop("base64", ""), "base64 of smbios1")
    fields = [f"{key}={_decoded(key, given[key], coded)}" for key in sorted(given) if given[key]]
    if given:
        line.option("smbios", ",".join(("type=1", *fields)))


def _decoded(key: str, value: str, coded: bool) -> str:
    if not coded or key == "uuid":
        return value
    try:
        return base64.b64decode(value, validate=True).decode().replace(",", ",,")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise GuestError(f"smbios1: {key} is no text in base64", "correct it") from error


def host_devices(line: Line, boot: dict[str, int]) -> tuple[bool, bool]:
    """Devices of the host; whether KVM is hidden for one, and whether one is a display.

    Errors: GuestError.
    """
    hides = False
    for number in range(facts().keys.most["hostpci"]):
        given = line.conf.properties(f"hostpci{number}", "host")
        if given:
            hides |= switch(given.get("x-vga"), "x-vga")
            _host_device(line, number, given, boot.get(f"hostpci{number}", 0))
    return hides, hides


def _host_device(line: Line, number: int, given: dict[str, str], boot: int) -> None:
    name = f"hostpci{number}"
    is_express = switch(given.get("pcie"), "pcie")
    if is_express and not line.machine.is_q35:
        raise GuestError(f"{name} is on PCI Express, which needs q35", "correct the machine")
    place = _express(line, number) if is_express else line.slot(_slot_of(name, given))
    text = f"vfio-pci{_which(given)},id={name}{place}"
    text += ",rombar=0" if not switch(given.get("rombar"), "rombar", True) else ""
    is_bios = line.conf.get("bios", "seabios") != "ovmf"
    text += ",x-vga=on" if switch(given.get("x-vga"), "x-vga") and is_bios else ""
    text += f",bootindex={boot}" if boot else ""
    text += "".join(f",x-pci-{key}={given[key]}" for key in _IDS if key in given)
    line.device(text)


def _which(given: dict[str, str]) -> str:
    """The device of the host; nothing where a mapping or a mediated device stands for it."""
    host = given.get("host", "").partition(";")[0]
    if not host or "mdev" in given:
        return ""
    host = host if host.count(":") == 2 else f"0000:{host}"
    return f",host={host}" + ("" if "." in host else ".0")


def _slot_of(name: str, given: dict[str, str]) -> str:
    return "legacy-igd" if switch(given.get("legacy-igd"), "legacy-igd") else name


def _express(line: Line, number: int) -> str:
    """The port, which is made for the fifth and later ones; Windows 7 has none."""
    if line.windows == 7:
        slot = (16, 17, 18, 19, 9, 10, 11, 12, 13, 14, 15, 21, 22, 23, 24, 25)[number]
        return f",bus=pcie.0,addr=0x{slot:x}"
    if number >= _EARLY_PORTS:
        slot, function = divmod(number - _EARLY_PORTS, 8)
        port = f"x-speed=16,x-width=32,multifunction=on,bus=pcie.0,port={number + 1}"
        name = f"id=ich9-pcie-port-{number + 1},addr={0x10 + slot:x}.{function}"
        line.device(f"pcie-root-port,{name},{port},chassis={number + 1}")
    return f",bus=ich9-pcie-port-{number + 1},addr=0x0"


def ports(line: Line) -> None:
    """Serial and parallel ports."""
    for number in range(facts().keys.most["serial"]):
        if path := line.conf.get(f"serial{number}"):
            name = f"serial{number}"
            socket = f"socket,id={name},path={_RUN}/ID.{name},server=on,wait=off"
            line.add("chardev", socket if path == "socket" else f"serial,id={name},path={path}")
            line.device(f"isa-serial,chardev={name}")
    for number in range(facts().keys.most["parallel"]):
        if path := line.conf.get(f"parallel{number}"):
            kind = "serial" if path.startswith("/dev/usb/lp") else "parallel"
            line.add("chardev", f"{kind},id=parallel{number},path={path}")
            line.device(f"isa-parallel,chardev=parallel{number}")


def sound(line: Line) -> None:
    """The sound card. Errors: GuestError."""
    given = line.conf.properties("audio0")
    if not given or not line.since(4, 0):
        return
    driver, model = given.get("driver", "spice"), given.get("device", "")
    back_end = f"{driver}-backend0"
    place = line.slot("audio0")
    told = f",audiodev={back_end}" if line.since(4, 2) else ""
    if model == "AC97":
        line.device(f"AC97,id=audiodev0{place}{told}")
    elif model in ("intel-hda", "ich9-intel-hda"):
        line.device(f"{model},id=audiodev0{place}")
        for number, codec in enumerate(("hda-micro", "hda-duplex")):
            name = f"id=audiodev0-codec{number},bus=audiodev0.0,cad={number}"
            line.device(f"{codec},{name}{told}")
    else:
        raise GuestError(f"audio0: {shown(model)} is no device", "it is AC97 or ich9-intel-hda")
    line.add("audiodev", f"{driver},id={back_end}")


def tpm(line: Line) -> None:
    """The TPM, which a process of the host emulates."""
    if line.conf.get("tpmstate0"):
        line.add("chardev", f"socket,id=tpmchar,path={_RUN}/ID.swtpm")
        line.add("tpmdev", "emulator,id=tpmdev,chardev=tpmchar")
        line.device("tpm-tis,tpmdev=tpmdev")


def agent(line: Line) -> None:
    """The channel of the guest's agent. Errors: GuestError."""
    given = line.conf.properties("agent", "enabled")
    if not switch(given.get("enabled"), "agent"):
        return
    line.add("chardev", f"socket,path={_RUN}/ID.qga,server=on,wait=off,id=qga0")
    if given.get("type", "virtio") == "isa":
        line.device("isa-serial,chardev=qga0")
    else:
        line.device(f"virtio-serial,id=qga0{line.slot('qga0')}")
        line.device("virtserialport,chardev=qga0,name=org.qemu.guest_agent.0")


def random(line: Line) -> None:
    """The source of random numbers. Errors: GuestError."""
    given = line.conf.properties("rng0", "source")
    if not given or not line.guarded(4, 1, 2):
        return
    most = whole(given.get("max_bytes", "1024"), "max_bytes of rng0")
    limit = f",max-bytes={most},period={given.get('period', '1000')}" if most else ""
    line.add("object", f"rng-random,filename={given.get('source', '')},id=rng0")
    line.device(f"virtio-rng-pci,rng=rng0{limit}{line.slot('rng0')}")


def balloon(line: Line) -> None:
    """The balloon, unless it is switched off by `balloon: 0`."""
    if line.conf.get("balloon") == "0":
        return
    reports = ",free-page-reporting=on" if line.since(6, 2) else ""
    line.device(f"virtio-balloon-pci,id=balloon0{line.slot('balloon0')}{reports}")


def watchdog(line: Line) -> None:
    given = line.conf.properties("watchdog", "model")
    if given:
        line.device(f"{given.get('model') or 'i6300esb'}{line.slot('watchdog')}")
        if action := given.get("action"):
            line.add("watchdog-action", action)


def shared_memory(line: Line) -> None:
    """Memory that guests of a host share. Errors: GuestError."""
    given = line.conf.properties("ivshmem")
    if not given:
        return
    size = whole(given.get("size", ""), "size of ivshmem")
    place = ",bus=pcie.0,addr=0x14" if line.machine.is_q35 else line.slot("ivshmem")
    line.device(f"ivshmem-plain,memdev=ivshmem{place}")
    path = f"mem-path=/dev/shm/pve-shm-{given.get('name', 'ID')}"
    line.add("object", f"memory-backend-file,id=ivshmem,share=on,{path},size={size}M")


def files(line: Line) -> None:
    """Directories of the host. Errors: GuestError."""
    for number in range(facts().keys.most["virtiofs"]):
        given = line.conf.properties(f"virtiofs{number}", "dirid")
        if given:
            line.add("chardev", f"socket,id=virtiofs{number},path={_RUN}/virtiofsd/ID-fs{number}")
            name = f"chardev=virtiofs{number},tag={given.get('dirid', '')}"
            line.device(f"vhost-user-fs-pci,queue-size=1024,{name}")


def encrypted(line: Line) -> None:
    """What encrypts the memory; its place in addresses is the host's. Errors: GuestError."""
    kind = encryption(line)
    if kind == "tdx":
        line.add("object", "tdx-guest,id=tdx0")
        line.flags += ("confidential-guest-support=tdx0", "kernel_irqchip=split")
    elif kind:
        driver = "sev-snp-guest" if kind == "snp" else "sev-guest"
        line.add("object", f"{driver},id=sev0")
        line.flags.append("confidential-guest-support=sev0")


def clock(line: Line) -> None:
    """`-rtc`, the PIT and the HPET. Errors: GuestError."""
    conf = line.conf
    local = conf.flag("localtime", line.windows >= 5)
    drift = conf.flag("tdf", line.windows >= 5 and conf.flag("acpi", True))
    if line.windows >= 6:
        line.option("global", "kvm-pit.lost_tick_policy=discard")
    if line.windows >= 6 or (conf.get("ostype") == "l26" and line.since(10, 1)):
        line.flags.append("hpet=off")
    if drift:
        line.clock.append("driftfix=slew")
    start = conf.get("startdate", "now")
    if start != "now" and not re.fullmatch(r"[0-9T:-]{1,30}", start):
        raise GuestError(f"startdate is {shown(start)}", "write it as 2006-06-17T16:01:21")
    if start != "now" or local:
        line.clock.append(f"base={start if start != 'now' else 'localtime'}")
