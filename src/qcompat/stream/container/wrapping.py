"""What a file wraps its stream in, and which wrapping its first bytes show."""

from __future__ import annotations

import msgspec

# libvirt's are in src/qemu/qemu_saveimage.h (9.0.0 to 11.3.0): the second stands in a file
# until its save has ended, and stays if it failed.
LIBVIRT = b"LibvirtQemudSave"
LIBVIRT_PARTIAL = b"LibvirtQemudPart"
STREAM = b"QEVM"  # migration/savevm.h: QEMU_VM_FILE_MAGIC
LONGEST = len(LIBVIRT)

# The compressed formats: RFC 1952, bzip2.h, the .xz file format, lzop.c, RFC 8878.
_MAGICS = (
    (LIBVIRT, "libvirt"),
    (LIBVIRT_PARTIAL, "libvirt"),
    (b"QFI\xfb", "qcow2"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x89LZO\x00\r\n\x1a\n", "lzop"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    # a skippable frame, with which pzstd begins
    *((bytes([first]) + b"\x2a\x4d\x18", "zstd") for first in range(0x50, 0x60)),
)


class Wrapping(msgspec.Struct, frozen=True):
    """What a file wraps its migration stream in.

    `kind` is "none", "libvirt", "qcow2" or the name of the tool that decompresses the file.
    `compression` names that tool also for what libvirt compressed; empty if nothing did.
    `domain_xml` is what libvirt keeps of the guest, otherwise empty.
    `details` are pairs of a noun and a text about it, for people.
    """

    kind: str
    compression: str = ""
    domain_xml: str = ""
    details: tuple[tuple[str, str], ...] = ()


def kind_of(head: bytes) -> str:
    """The kind of wrapping that a file beginning with `head` has; "none" if it is not known."""
    return next((kind for magic, kind in _MAGICS if head.startswith(magic)), "none")
