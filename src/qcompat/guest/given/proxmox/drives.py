"""The disks of a guest, their controllers, and its firmware in flash.

Where an image lies only the storage's configuration says. The guest does not see it, so a volume
stands in the line as it does in the configuration (`local:100/vm-100-disk-0.qcow2`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import PurePath
from urllib.parse import unquote

import msgspec

from qcompat.errors import GuestError
from qcompat.guest.given.form import shown
from qcompat.guest.given.proxmox.document import Conf, properties, switch
from qcompat.guest.given.proxmox.facts import facts
from qcompat.guest.given.proxmox.line import Line

INTERFACES = ("ide", "scsi", "virtio", "sata")
_FORMATS = frozenset({"raw", "qcow2", "qed", "vmdk", "cow", "cloop", "vdi", "vpc"})
_SINGLE = "virtio-scsi-single"
_OF_SATA = 6


class Drive(msgspec.Struct, frozen=True):
    """A disk of a configuration, and its place in the boot order (0: none)."""

    interface: str
    number: int
    fields: dict[str, str]
    boot: int = 0

    @property
    def id(self) -> str:
        return f"{self.interface}{self.number}"

    @property
    def file(self) -> str:
        """The volume, the path, `none` or `cdrom`."""
        return self.fields.get("file", "")

    @property
    def is_cdrom(self) -> bool:
        return self.fields.get("media") == "cdrom"

    @property
    def is_cloud_init(self) -> bool:
        return PurePath(self.file.rpartition(":")[2]).stem.endswith("cloudinit")

    def has(self, key: str) -> bool:
        """Whether a switch is on. Errors: GuestError."""
        return switch(self.fields.get(key), f"{key} of {self.id}")


def drives(conf: Conf, interfaces: tuple[str, ...] = INTERFACES) -> Iterator[Drive]:
    """The disks in the order in which Proxmox goes through them. Errors: GuestError."""
    for interface in interfaces:
        for number in range(facts().keys.most[interface]):
            if text := conf.get(f"{interface}{number}"):
                fields = properties(text, f"{interface}{number}", "file")
                if "volume" in fields:
                    fields["file"] = fields.pop("volume")
                yield Drive(interface, number, fields)


def all_drives(line: Line, boot: dict[str, int]) -> None:
    """Every disk, with its controller in front of the first one. Errors: GuestError."""
    made: set[str] = set()
    for each in drives(line.conf):
        drive = msgspec.structs.replace(each, boot=boot.get(each.id, 0))
        _refuse(drive)
        if drive.interface == "virtio" and drive.has("iothread"):
            line.option("object", f"iothread,id=iothread-{drive.id}")
        _controller(line, drive, made)
        _image(line, drive)
        line.device(_device(line, drive))


def _refuse(drive: Drive) -> None:
    if not drive.file:
        raise GuestError(f"{drive.id} names no volume", "write STORAGE:VOLUME, or none")
    if ":iso/" in drive.file and "media" not in drive.fields:
        raise GuestError(f"{drive.id}: an ISO image needs its medium", "add media=cdrom")


def _controller(line: Line, drive: Drive, made: set[str]) -> None:
    model = line.conf.get("scsihw", "lsi")
    name = scsi_controller(model, drive.number)[0] if drive.interface == "scsi" else ""
    fields = ""
    if drive.interface == "sata":
        name = f"ahci{drive.number // _OF_SATA}"
        model, fields = "ahci", ",multifunction=on"
    if not name:
        return
    place = line.slot(name)
    if drive.number > 13 and drive.interface == "scsi" and not line.guarded(4, 1, 2):
        raise GuestError(
            f"{drive.id} needs a machine of 4.1+pve2 or later", "correct the machine or the disks"
        )
    if model == _SINGLE:
        model = "virtio-scsi-pci"
        if drive.has("iothread"):
            line.option("object", f"iothread,id=iothread-{name}")
            place += f",iothread=iothread-{name}"
        if queues := drive.fields.get("queues"):
            place += f",num_queues={queues}"
    if name not in made:
        line.device(f"{model},id={name}{fields}{place}")
    made.add(name)


def scsi_controller(model: str, number: int) -> tuple[str, int]:
    """The controller of a SCSI disk, and the disk's number on it."""
    most = 7 if model.startswith("lsi") else 1 if model == _SINGLE else 256
    prefix = "virtioscsi" if model == _SINGLE else "scsihw"
    return f"{prefix}{number // most}", number % most


def _image(line: Line, drive: Drive) -> None:
    if not line.since(10, 0):
        line.add("drive", _older(drive))
    elif drive.file != "none":
        group = {"id": f"throttle-drive-{drive.id}", "limits": {}, "qom-type": "throttle-group"}
        line.option("object", json.dumps(group))
        line.add("blockdev", json.dumps(node(drive, line.conf.flag("template"))))


def format_of(drive: Drive) -> str:
    """The format that the name of a volume tells; raw where none is in it."""
    suffix = PurePath(drive.file).suffix[1:]
    return drive.fields.get("format") or (suffix if suffix in _FORMATS else "raw")


def node(drive: Drive, is_template: bool, size: int = 0) -> dict[str, object]:
    """The block nodes of a disk, the uppermost as the device names it."""
    kind = "raw" if drive.is_cdrom else format_of(drive)
    own = {"size": size} if size else {}
    image = {"driver": "file", "filename": drive.file}
    return {
        "driver": "throttle",
        "node-name": f"drive-{drive.id}",
        "throttle-group": f"throttle-drive-{drive.id}",
        "file": {"driver": kind, "file": image, **own},
        "read-only": drive.is_cdrom or is_template or drive.has("ro"),
    }


def _older(drive: Drive) -> str:
    kept = ("media", "cache", "rerror", "werror", "discard")
    fields = [f"{key}={drive.fields[key]}" for key in kept if key in drive.fields]
    if drive.has("snapshot"):
        fields.append("snapshot=on")
    if drive.has("ro"):
        fields.append("readonly=on")
    if drive.file != "none":
        fields += [] if drive.is_cdrom else [f"format={format_of(drive)}"]
        fields += [] if "cache" in drive.fields or drive.is_cdrom else ["cache=none"]
        fields.insert(0, f"file={drive.file.replace(',', ',,')}")
    return ",".join((f"if=none,id=drive-{drive.id}", *fields))


def _device(line: Line, drive: Drive) -> str:
    kind, text = _placed(line, drive)
    if drive.file != "none" or not line.since(10, 0):
        text += f",drive=drive-{drive.id}"
    text += f",id={drive.id}"
    if drive.interface == "virtio":
        text += line.slot(drive.id)
        text += f",iothread=iothread-{drive.id}" if drive.has("iothread") else ""
    text += _identity(line, drive, kind)
    text += f",bootindex={drive.boot}" if drive.boot else ""
    if serial := drive.fields.get("serial"):
        text += f",serial={unquote(serial).replace(',', ',,')}"
    if line.since(10, 0):
        if not drive.is_cdrom and kind not in ("block", "generic"):
            off = drive.fields.get("cache") in ("writethrough", "directsync")
            text += f",write-cache={'off' if off else 'on'}"
        told = ("rerror", "werror")
        text += "".join(f",{key}={drive.fields[key]}" for key in told if key in drive.fields)
    return text


def _placed(line: Line, drive: Drive) -> tuple[str, str]:
    """The kind of a device (hd, cd, block), and the device up to its bus."""
    if drive.interface == "virtio":
        return "hd", "virtio-blk-pci"
    if drive.interface == "scsi":
        return _on_scsi(line, drive)
    kind = "cd" if drive.is_cdrom or line.conf.flag("template") else "hd"
    if drive.interface == "sata":
        return kind, f"ide-{kind},bus=ahci{drive.number // _OF_SATA}.{drive.number % _OF_SATA}"
    bus, unit = divmod(drive.number, 2)
    if line.machine.is_q35:
        bus, unit = bus + 2 * unit, 0
    return kind, f"ide-{kind},bus=ide.{bus},unit={unit}"


def _on_scsi(line: Line, drive: Drive) -> tuple[str, str]:
    model = line.conf.get("scsihw", "lsi")
    controller, unit = scsi_controller(model, drive.number)
    kind = "cd" if drive.is_cdrom or drive.is_cloud_init else "hd"
    if kind == "hd" and drive.file.startswith("/dev/"):
        kind = "block" if drive.has("scsiblock") else kind
        if kind == "block":
            line.open(f"{drive.id}: {shown(drive.file)}", "it is taken for a SCSI disk of the host")
    elif kind == "hd" and not line.since(4, 1):
        line.open(f"{drive.id}: {shown(drive.file)}", "it is taken for no volume of iSCSI")
    if model.startswith("lsi") or model == "pvscsi":
        return kind, f"scsi-{kind},bus={controller}.0,scsi-id={unit}"
    return kind, f"scsi-{kind},bus={controller}.0,channel=0,scsi-id=0,lun={drive.number}"


def _identity(line: Line, drive: Drive, kind: str) -> str:
    """What the guest reads of a disk beside its contents."""
    text, fields = "", drive.fields
    is_scsi = drive.interface == "scsi"
    if is_scsi and line.since(10, 0) and kind in ("cd", "hd"):
        text += f",device_id=drive-{drive.id}"
    if drive.interface == "virtio":
        return text
    if kind == "hd" and not is_scsi and (model := fields.get("model")):
        text += f",model={unquote(model).replace(',', ',,')}"
    if drive.has("ssd") and kind in ("hd", "block"):
        text += ",rotation_rate=1"
    text += f",wwn={fields['wwn']}" if "wwn" in fields else ""
    if is_scsi and kind in ("cd", "hd"):
        named = ("vendor", "product")
        text += "".join(f",{key}={fields[key]}" for key in named if key in fields)
    return text
