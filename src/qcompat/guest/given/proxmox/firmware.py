"""OVMF: its code and its variables in flash, or all of it as a ROM where memory is encrypted."""

from __future__ import annotations

import json

from qcompat.guest.given.proxmox.document import switch
from qcompat.guest.given.proxmox.drives import Drive, drives, format_of, node
from qcompat.guest.given.proxmox.facts import facts
from qcompat.guest.given.proxmox.line import Line

_IN_FLASH = "pflash0=pflash0", "pflash1=drive-efidisk0"


def firmware(line: Line) -> None:
    """The words for `bios: ovmf`; none for SeaBIOS. Errors: GuestError."""
    if line.conf.get("bios", "seabios") != "ovmf":
        return
    disk = next((each for each in drives(line.conf, ("efidisk",))), None)
    kind = _kind(line, disk)
    code, variables = facts().firmware.kinds[kind]
    place = facts().firmware.place
    size = facts().firmware.sizes["2m" if kind == "2m" else "4m"]
    if not variables:
        line.option("bios", place + code)
        return
    drive = disk or Drive("efidisk", 0, {"file": f"ID-ovmf.fd ({variables})", "format": "raw"})
    if line.guarded(10, 0, 0):
        _nodes(line, drive, place + code, size)
    else:
        _flash(line, drive, place + code, size)


def _kind(line: Line, disk: Drive | None) -> str:
    if kind := encryption(line):
        return "sev" if kind in ("std", "es") else kind
    fields = disk.fields if disk else {}
    if fields.get("efitype") != "4m":
        return "2m"
    enrolled = switch(fields.get("pre-enrolled-keys"), "pre-enrolled-keys of efidisk0")
    return ("4m" if line.machine.is_q35 else "4m-no-smm") + ("-ms" if enrolled else "")


def encryption(line: Line) -> str:
    """How the memory is encrypted: `std`, `es`, `snp`, `tdx`; empty: it is not."""
    kinds = ("std", "es", "snp", "tdx")
    for key in ("amd-sev", "intel-tdx"):
        given = line.conf.properties(key, "type").get("type", "")
        if given:
            return given if given in kinds else "std"
    return ""


def _nodes(line: Line, drive: Drive, code: str, size: int) -> None:
    is_template = line.conf.flag("template")
    group = {"id": f"throttle-drive-{drive.id}", "limits": {}, "qom-type": "throttle-group"}
    image = {"driver": "file", "filename": code}
    program = {"driver": "raw", "file": image, "node-name": "pflash0", "read-only": True}
    own = size if format_of(drive) == "raw" else 0
    line.option("object", json.dumps(group))
    line.option("blockdev", json.dumps(program))
    line.option("blockdev", json.dumps(node(drive, is_template, own)))
    line.flags += _IN_FLASH


def _flash(line: Line, drive: Drive, code: str, size: int) -> None:
    file = drive.file.replace(",", ",,")
    text = f"if=pflash,unit=1,id=drive-efidisk0,format={format_of(drive)},file={file}"
    if format_of(drive) == "raw" and line.guarded(4, 1, 2):
        text += f",size={size}"
    text += ",readonly=on" if line.conf.flag("template") else ""
    line.option("drive", f"if=pflash,unit=0,format=raw,readonly=on,file={code}")
    line.option("drive", text)
