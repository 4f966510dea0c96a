"""How large a disk image is for the guest, without opening it.

A raw image is as large as its file; a block device's size is in sysfs. Other formats keep their
size inside, so it is known only where the user gives it (`size=20G` beside `format=qcow2`);
otherwise a usual size is assumed, with the reason.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

import msgspec

from qcompat.guest.option import Pairs, parse_size

_SECTOR = 512
_DISK = 1 << 30
_FLOPPY = 1440 * 1024
# OVMF's images of the 4M kind, as Debian, Fedora and Proxmox VE ship them.
_FIRMWARE_CODE = 3653632
_FIRMWARE_VARIABLES = 540672

NULL_DRIVERS = frozenset({"null-co", "null-aio"})
_LEAVES = frozenset({"file", "host_device", "host_cdrom"})
# Drivers that show their child as it is. Source: block/*.c with is_filter, 5.2 to 10.0.
_FILTERS = frozenset(
    {
        "blkdebug",
        "blklogwrites",
        "blkreplay",
        "compress",
        "copy-before-write",
        "copy-on-read",
        "preallocate",
        "raw",
        "snapshot-access",
        "throttle",
    }
)


class Image(msgspec.Struct, frozen=True):
    """The size in bytes; `unknown` says why it is an assumption, and is empty where it is not."""

    size: int
    unknown: str = ""


def find_image(node: Pairs, nodes: Mapping[str, Pairs], usage: str) -> Image:
    """The image below a block node.

    `nodes` are the other nodes by name; `usage` is `cdrom`, the interface (`pflash`, `floppy`) or
    `variables` of firmware, which decides what size is assumed where none is known.
    """
    fields = dict(node)
    driver = fields.get("driver", "")
    said = parse_size(fields.get("size", ""))
    if said is not None:
        return Image(said)
    if driver in NULL_DRIVERS:
        return Image(_DISK)  # block/null.c: the default
    child = _child(fields, nodes)
    if driver in _FILTERS and child:
        below = find_image(child, nodes, usage)
        offset = parse_size(fields.get("offset", "")) or 0  # of raw: what comes before is hidden
        return Image(max(0, below.size - offset), below.unknown)
    filename = fields.get("filename") or dict(child).get("filename", "")
    reason = _unreadable(driver) or _not_local(filename)
    size = None if reason else size_of_file(filename)
    if size is None:
        return Image(_assumed(usage, filename), reason or f"{filename} cannot be examined")
    return Image(-(-size // _SECTOR) * _SECTOR)


def _child(fields: Mapping[str, str], nodes: Mapping[str, Pairs]) -> Pairs:
    inline = tuple((k[5:], v) for k, v in fields.items() if k.startswith("file."))
    return inline or nodes.get(fields.get("file", ""), ())


def _unreadable(driver: str) -> str:
    if driver in _LEAVES:
        return ""
    if not driver:
        return "no format is given; for a raw image write format=raw"
    return f"a {driver} image is not opened; add size=…"


def _not_local(filename: str) -> str:
    if not filename or re.match(r"(?!file:|host_device:)[a-z0-9+.-]+:", filename):
        return "it is not a file of this machine; add size=…"
    return ""


def size_of_file(filename: str) -> int | None:
    """The bytes of a file or block device of this machine; None where it is neither."""
    path = Path(re.sub(r"^(file|host_device):", "", filename))
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode):
            return status.st_size
        if stat.S_ISBLK(status.st_mode):
            major, minor = os.major(status.st_rdev), os.minor(status.st_rdev)
            sectors = Path(f"/sys/dev/block/{major}:{minor}/size").read_text(encoding="ascii")
            return int(sectors) * _SECTOR
    except (OSError, ValueError):
        return None
    return None


def _assumed(usage: str, filename: str) -> int:
    if usage == "variables":
        return _FIRMWARE_VARIABLES
    if usage == "pflash":
        return _FIRMWARE_VARIABLES if "vars" in filename.lower() else _FIRMWARE_CODE
    return _FLOPPY if usage == "floppy" else _DISK
