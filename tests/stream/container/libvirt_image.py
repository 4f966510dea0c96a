"""Writes save images as libvirt does, with one defect at a time (qemu_saveimage.c, 9.0.0)."""

from __future__ import annotations

import struct

FORMATS = {"raw": 0, "gzip": 1, "bzip2": 2, "xz": 3, "lzop": 4, "zstd": 5, "sparse": 6}
XML = "<domain type='kvm'><name>gäst</name></domain>"


def save_image(
    stream: bytes,
    *,
    compression: int | str = "raw",
    order: str = "<",
    magic: bytes = b"LibvirtQemudSave",
    version: int = 2,
    xml: bytes = XML.encode() + b"\0",
    cookie: bytes = b"",
    padding: int = 64 * 1024,
    data_len: int | None = None,
    cookie_offset: int | None = None,
    was_running: int = 1,
) -> bytes:
    """The header, the XML, the cookie and the padding, then `stream` as it is."""
    number = FORMATS[compression] if isinstance(compression, str) else compression
    data = xml + cookie + bytes(padding)
    length = len(data) if data_len is None else data_len
    at = (len(xml) if cookie else 0) if cookie_offset is None else cookie_offset
    header = struct.pack(f"{order}5I56x", version, length, was_running, number, at)
    return magic + header + data + stream
