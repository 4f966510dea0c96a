"""Disks, firmware and directories that a line names, with real contents of their format."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.accuracy.whole.realise.line import Option, nodes
from tools.accuracy.whole.realise.place import NotHadError, Place

DISK_BYTES = 16 << 20
FORMATS = ("raw", "qcow2", "qcow", "qed", "vmdk", "vdi", "vhdx", "vpc", "luks")
LOCAL = ("file", "host_device", "host_cdrom")
NEITHER = ("null-co", "null-aio", "throttle", "blkdebug", "copy-on-read", "vvfat")
FIRMWARE = Path("/usr/share/OVMF")
MASTER_KEY = bytes(range(32))
"""The key under which libvirt's tests encrypt their secrets (tests/qemuxml2argvtest.c mocks it)."""


def realise_disks(options: Sequence[Option], place: Place) -> None:
    """Make every disk that `-blockdev`, `-drive` and the short forms name."""
    flash = _flash_nodes(options)
    trees = {o.fields.get("node-name", ""): o.fields for o in options if o.name == "blockdev"}
    for name, tree in trees.items():
        _role_of_file(flash, tree, flash.get(name, ""))
    for name, tree in trees.items():
        _realise_tree(tree, trees, flash.get(name, ""), options, place)
    for option in options:
        if option.name == "drive":
            _realise_drive(option, place)
        elif option.name in ("cdrom", "hda", "hdb", "hdc", "hdd", "fda", "fdb"):
            _make(place, option.value, "raw")


def _flash_nodes(options: Sequence[Option]) -> dict[str, str]:
    """The nodes of pflash chips with what they hold: `code` or `vars`."""
    machine: dict[str, Any] = {}
    for option in options:
        if option.name in ("machine", "M"):
            machine |= option.fields
    chips = {machine.get("pflash0"): "code", machine.get("pflash1"): "vars"}
    return {str(node): role for node, role in chips.items() if node}


def _role_of_file(flash: dict[str, str], tree: Mapping[str, Any], role: str) -> None:
    """A format node gives its role to the node that holds its file."""
    if role and isinstance(tree.get("file"), str):
        flash[tree["file"]] = role


def _realise_tree(
    tree: Mapping[str, Any],
    trees: Mapping[str, Mapping[str, Any]],
    role: str,
    options: Sequence[Option],
    place: Place,
) -> None:
    for node in nodes(tree):
        driver = node.get("driver")
        if driver is None or driver in NEITHER:
            if driver == "vvfat":
                place.path(str(node["dir"])).mkdir(exist_ok=True)
        elif driver in LOCAL:
            above = _above(node, tree, trees)
            _make_local(node, above, role, options, place)
        elif driver not in FORMATS:
            raise NotHadError(f"no {driver} server or device behind a disk")


def _above(
    node: Mapping[str, Any], tree: Mapping[str, Any], trees: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Any]:
    """The format node over a protocol node; the protocol node itself where there is none."""
    name = node.get("node-name")
    every = [*nodes(tree), *(inner for other in trees.values() for inner in nodes(other))]
    for one in every:
        held = one.get("file")
        if one.get("driver") in FORMATS and (held is node or (name and held == name)):
            return one
    return node


def _make_local(
    node: Mapping[str, Any],
    above: Mapping[str, Any],
    role: str,
    options: Sequence[Option],
    place: Place,
) -> None:
    named = str(node.get("filename", ""))
    form = str(above.get("driver"))
    path = named
    if node["driver"] != "file":
        path = f"/blocks/{named.strip('/').replace('/', '_')}"
    if named.startswith("/dev/fdset/"):
        raise NotHadError("a disk behind a descriptor set")
    slice_end = int(above.get("offset", 0)) + int(above.get("size", 0))
    made = _make(place, path, form if form in FORMATS else "raw", role, slice_end)
    if "encrypt" in above or form == "luks":
        _encrypt(made, above, options, place)
    if node["driver"] != "file" and named not in place.devices:
        place.block_device(named, made)


def _make(place: Place, named: str, form: str, role: str = "", least: int = 0) -> Path:
    """A file of this format, or a real firmware image; what is there already stays."""
    path = place.path(named)
    if path.exists():
        return path
    if role:
        return _firmware(path, named, role, form)
    if form == "raw":
        with path.open("wb") as file:
            file.truncate(max(DISK_BYTES, least))
    elif form == "luks":
        path.touch()
    else:
        _image_tool("create", "-q", "-f", form, str(path), str(DISK_BYTES))
    return path


def _firmware(path: Path, named: str, role: str, form: str) -> Path:
    size = "_4M" if "4M" in named or "2M" not in named else ""
    secure = ".secboot" if "sec" in named.lower() and role == "code" else ""
    image = FIRMWARE / f"OVMF_{role.upper()}{size}{secure}.fd"
    if not image.exists():
        raise NotHadError(f"no {image}")
    if form == "raw":
        shutil.copy(image, path)
    else:
        _image_tool("convert", "-O", form, str(image), str(path))
    return path


def _encrypt(made: Path, above: Mapping[str, Any], options: Sequence[Option], place: Place) -> None:
    """Make the image anew, encrypted with the secret of the line."""
    form = str(above["driver"])
    kept = above.get("encrypt", above)
    secrets = [o for o in options if o.name == "object" and o.kind == "secret"]
    given: list[str] = []
    for secret in secrets:
        fields = dict(secret.fields)
        if "file" in fields:
            fields["file"] = str(place.path(str(fields["file"])))
        words = ",".join(f"{n}={v}" for n, v in fields.items() if n not in ("", "qom-type"))
        given += ["--object", f"secret,{words}"]
    prefix = "encrypt." if form != "luks" else ""
    choice = f"{prefix}key-secret={kept['key-secret']},{prefix}iter-time=10"
    if form != "luks":
        choice += f",encrypt.format={kept.get('format', 'luks')}"
    made.unlink()
    _image_tool("create", "-q", "-f", form, *given, "-o", choice, str(made), str(DISK_BYTES))


def _realise_drive(option: Option, place: Place) -> None:
    fields = option.fields
    named = str(fields.get("file", ""))
    if not named:
        return
    if named.startswith("/dev/"):
        place.block_device(named, _make(place, f"/blocks{named}", "raw"))
    elif named.startswith("/"):
        role = ""
        if fields.get("if") == "pflash":
            role = "code" if fields.get("unit", "0") == "0" else "vars"
        _make(place, named, str(fields.get("format", "raw")), role)
    else:
        raise NotHadError(f"no {named.partition(':')[0]} server behind a disk")


def _image_tool(*words: str) -> None:
    done = subprocess.run(["qemu-img", *words], capture_output=True, text=True)
    if done.returncode:
        raise NotHadError(f"qemu-img: {done.stderr.strip()}")
