"""What the guest shows and is touched by: graphics, SPICE, tablet, USB controllers and devices."""

from __future__ import annotations

import re

from qcompat.errors import GuestError
from qcompat.guest.given.form import shown
from qcompat.guest.given.proxmox.document import switch, whole
from qcompat.guest.given.proxmox.facts import facts
from qcompat.guest.given.proxmox.line import Line

_TYPES = {
    "cirrus": "cirrus-vga",
    "std": "VGA",
    "vmware": "vmware-svga",
    "virtio": "virtio-vga",
    "virtio-gl": "virtio-vga-gl",
}
_OTHER = re.compile(r"qxl[234]?|none|serial[0-3]", re.ASCII)
_OLD_USB = 5
_PORTS = "usb-redir,chardev=usbredirchardev{0},id=usbredirdev{0},bus={1}.0"
_BY_NUMBER = re.compile(r"(0x)?([0-9a-fA-F]{4}):(0x)?([0-9a-fA-F]{4})")
_BY_PORT = re.compile(r"(\d+)-(\d+(\.\d+)*)", re.ASCII)


def display_type(line: Line) -> str:
    """The type, by Proxmox's name. Errors: GuestError."""
    given = line.conf.properties("vga", "type").get("type", "")
    if not given:
        return "cirrus" if 0 < line.windows < 6 else "std"
    if given not in _TYPES and not _OTHER.fullmatch(given):
        raise GuestError(f"vga is {shown(given)}", f"it is one of {', '.join(_TYPES)}, qxl, none")
    return given


def spice_heads(type_: str) -> int:
    """How many cards of QXL there are; 0: no QXL."""
    return int(type_[3:] or 1) if type_.startswith("qxl") else 0


def display(line: Line, type_: str) -> None:
    """The first card, or none. Errors: GuestError."""
    if type_ == "none" or type_.startswith("serial"):
        line.front += () if type_ != "none" else ("-vga", "none")
        line.front.append("-nographic")
    else:
        line.device(_card(line, type_, 0))


def _card(line: Line, type_: str, number: int) -> str:
    is_qxl = spice_heads(type_) > 0
    model = ("qxl" if number else "qxl-vga") if is_qxl else _TYPES[type_]
    name = f"vga{number or ''}"
    text = f"{model},id={name}{_memory(line, type_, number)}"
    is_other = line.conf.get("ostype", "other") in ("other", "l24", "l26")
    if is_qxl and is_other and line.since(4, 1):
        text += ",max_outputs=4"
    text += ",bus=pcie.0,addr=0x1" if line.machine.is_q35 and not number else line.slot(name)
    is_bios = line.conf.get("bios", "seabios") != "ovmf"
    return text + (",edid=off" if model == "VGA" and line.windows and is_bios else "")


def _memory(line: Line, type_: str, number: int) -> str:
    size = whole(line.conf.properties("vga", "type").get("memory", ""), "memory of vga")
    if not size:
        return ",ram_size=67108864,vram_size=33554432" if number else ""
    if type_.startswith("virtio"):
        return f",max_hostmem={size << 20}"
    heads = f",ram_size_mb={4 * size},vram_size_mb={2 * size}" if spice_heads(type_) else ""
    return f",vgamem_mb={size}{heads}"


def spice(line: Line, type_: str) -> None:
    """SPICE, or the clipboard of VNC. Errors: GuestError."""
    given = line.conf.properties("vga", "type")
    heads = spice_heads(type_)
    is_spice = heads > 0 or type_.startswith("virtio")
    has_clipboard = given.get("clipboard") == "vnc"
    if not is_spice and not has_clipboard:
        return
    if heads > 1 and line.windows:
        for number in range(1, heads):
            line.device(_card(line, type_, number))
    elif heads > 1:
        size = whole(given.get("memory", ""), "memory of vga") << 20
        line.option("global", f"qxl-vga.ram_size={4 * heads * size or 134217728}")
        line.option("global", f"qxl-vga.vram_size={2 * heads * size or 67108864}")
    line.device(f"virtio-serial,id=spice{line.slot('spice')}")
    kind = "qemu-vdagent,clipboard=on" if has_clipboard else "spicevmc"
    line.add("chardev", f"{kind},id=vdagent,name=vdagent")
    line.device("virtserialport,chardev=vdagent,name=com.redhat.spice.0")
    if is_spice:
        _shared_folder(line)


def _shared_folder(line: Line) -> None:
    given = line.conf.properties("spice_enhancements")
    name = "org.spice-space.webdav.0"
    if switch(given.get("foldersharing"), "foldersharing"):
        line.add("chardev", f"spiceport,id=foldershare,name={name}")
        line.device(f"virtserialport,chardev=foldershare,name={name}")
    line.add("spice", "tls-port=61000,addr=127.0.0.1,tls-ciphers=HIGH,seamless-migration=on")


def usb_controllers(line: Line) -> None:
    """The controllers that a board has not of itself. Errors: GuestError."""
    if not line.machine.is_q35:
        line.device(f"piix3-usb-uhci,id=uhci{line.slot('piix3')}.0x2")
    devices = _usb(line)
    fast = [switch(each.get("usb3"), "usb3") for _, each in devices]
    modern = _is_modern(line)
    if not modern and not line.machine.is_q35 and not all(fast):
        line.add("readconfig", "/usr/share/qemu-server/pve-usb.cfg")
    place = line.slot("xhci")
    if modern and devices:
        line.device(f"qemu-xhci,p2=15,p3=15,id=xhci{place}")
    elif any(fast):
        line.device(f"nec-usb-xhci,id=xhci{place}")


def _is_modern(line: Line) -> bool:
    return line.since(7, 1) and (line.conf.get("ostype") == "l26" or line.windows > 7)


def _usb(line: Line) -> list[tuple[int, dict[str, str]]]:
    found = []
    for number in range(facts().keys.most["usb"]):
        if line.conf.get(f"usb{number}"):
            if number >= _OLD_USB and not _is_modern(line):
                what = f"usb{number} needs a machine of 7.1 or later and Linux or Windows 8 on"
                raise GuestError(what, "correct the machine or the ostype")
            found.append((number, line.conf.properties(f"usb{number}", "host")))
    return found


def tablet(line: Line, type_: str) -> None:
    """The pointer, which SPICE and a serial display do without unless asked for."""
    usual = not spice_heads(type_) and not type_.startswith("serial")
    if line.conf.flag("tablet", usual):
        bus = "ehci" if line.machine.is_q35 else "uhci"
        line.device(f"usb-tablet,id=tablet,bus={bus}.0,port=1")


def usb_devices(line: Line, boot: dict[str, int]) -> None:
    """Devices of the host, and ports that SPICE redirects. Errors: GuestError."""
    modern = _is_modern(line)
    for number, given in _usb(line):
        port = f",port={number + 1}" if modern else ""
        fast = switch(given.get("usb3"), "usb3")
        if given.get("host", "").lower() == "spice":
            bus = "xhci" if modern or (fast and line.since(4, 0)) else "ehci"
            line.add("chardev", f"spicevmc,id=usbredirchardev{number},name=usbredir")
            line.device(_PORTS.format(number, bus) + port)
            continue
        text = f"usb-host{',bus=xhci.0' if modern or fast else ''}{port}{_of_host(given)}"
        index = boot.get(f"usb{number}")
        line.device(f"{text},id=usb{number}" + (f",bootindex={index}" if index else ""))


def _of_host(given: dict[str, str]) -> str:
    """Which device of the host; nothing for one that a mapping of the cluster names."""
    text = given.get("host", "")
    if found := _BY_NUMBER.fullmatch(text):
        return f",vendorid=0x{found[2]},productid=0x{found[4]}"
    if found := _BY_PORT.fullmatch(text):
        return f",hostbus={found[1]},hostport={found[2]}"
    return ""
