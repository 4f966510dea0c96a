"""Reading a host from a file of any kind; the content tells which kind it is."""

from __future__ import annotations

from pathlib import Path

from qcompat.errors import FileFormatError
from qcompat.hosts.capture import HostCapture
from qcompat.hosts.capture_file import decode, is_capture
from qcompat.hosts.read.domcapabilities import read_domcapabilities
from qcompat.hosts.read.replies import read_replies
from qcompat.local.foreign_file import read_foreign

MOST_BYTES = 64 << 20
"""A capture of ten builds is 6 MB."""
_HINT = (
    "write one with `qcompat host capture -o FILE`, or give QMP replies (libvirt's *.replies and "
    "*.json) or the XML of `virsh domcapabilities`"
)


def read_host(path: Path) -> HostCapture:
    """The host of a file; it takes the file's name where it has none of its own.

    Errors: FileFormatError.
    """
    return recognise(read_foreign(path, MOST_BYTES, _HINT), path.name.removesuffix(path.suffix))


def recognise(data: bytes, name: str) -> HostCapture:
    """The host in `data`. Errors: FileFormatError."""
    start = data.lstrip()[:1]
    if start == b"<":
        return read_domcapabilities(data, name)
    if start != b"{":
        raise FileFormatError(f"{name} describes no host: it is neither JSON nor XML", _HINT)
    if is_capture(data):
        return decode(data, name)
    return read_replies(data, name)
