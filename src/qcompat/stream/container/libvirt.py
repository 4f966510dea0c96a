"""The header with which libvirt begins a save image: `virsh save`, `managedsave`, `snapshot`.

Written from src/qemu/qemu_saveimage.h and qemu_saveimage.c, 9.0.0 and 11.3.0:

    magic[16]  version  data_len  was_running  format  cookieOffset  unused[14]

numbers of four bytes in the order of the machine that saved, then `data_len` bytes: the domain
XML, and at `cookieOffset` (0: none) a cookie, each ended by a NUL, and padding for later edits.
Then the stream. Format 6, "sparse", is the stream itself with the capability mapped-ram
(11.2.0): libvirt tells QEMU to begin at that offset, and its positions count from the file's start
(migration/file.c and ram.c of 10.0), so nothing has to be undone.
"""

from __future__ import annotations

import struct

import msgspec

from qcompat.errors import FileFormatError, StreamError
from qcompat.stream.container.pushback import PushbackFile
from qcompat.stream.container.wrapping import LIBVIRT, LIBVIRT_PARTIAL, Wrapping

_LENGTH = len(LIBVIRT) + 4 * (5 + 14)
_NEWEST_VERSION = 2
_FORMATS = ("raw", "gzip", "bzip2", "xz", "lzop", "zstd", "sparse")
_UNCOMPRESSED = ("raw", "sparse")
# Ample: the XML of a large guest is below 1 MiB, and 64 KiB of padding are added to it.
_LONGEST_DATA = 16 << 20
_DAMAGED = "the file is damaged, or was cut short in copying: copy it, or save the guest, again"


class _Header(msgspec.Struct, frozen=True):
    order: str  # as in the module struct
    version: int
    data_len: int
    was_running: int
    format: int
    cookie_offset: int

    @property
    def xml_len(self) -> int:
        return self.cookie_offset or self.data_len

    @property
    def format_name(self) -> str:
        # "if (header->version != 2) return 0" in qemuSaveImageDecompressionStart
        return _FORMATS[self.format] if self.version == _NEWEST_VERSION else "raw"


def unwrap(wrapped: PushbackFile, magic: bytes) -> Wrapping:
    """Read the header after its `magic`; then `wrapped` is at the stream.

    Errors: StreamError for what is not a finished save image of a known version.
    """
    start = wrapped.offset - len(magic)
    if magic == LIBVIRT_PARTIAL:
        raise FileFormatError(
            f"{wrapped.name} is an incomplete save image: libvirt did not finish saving the guest",
            "wait until the save has ended; if it failed, there is no whole stream in the file",
        )
    header = _checked(_header(_taken(wrapped, _LENGTH - len(magic), "header")), start)
    data = _taken(wrapped, header.data_len, "domain XML")
    data_start = start + _LENGTH
    xml = _text(data[: header.xml_len], data_start)
    return Wrapping(
        kind="libvirt",
        compression="" if header.format_name in _UNCOMPRESSED else header.format_name,
        domain_xml=xml,
        details=tuple(_details(header, data)),
    )


def _taken(wrapped: PushbackFile, length: int, what: str) -> bytes:
    at = wrapped.offset
    data = wrapped.take(length)
    if len(data) < length:
        raise StreamError(
            f"{wrapped.name} ends within libvirt's {what}: {length} bytes expected,"
            f" {len(data)} found",
            offset=at,
            record=f"libvirt {what}",
            hint=_DAMAGED,
        )
    return data


def _header(data: bytes) -> _Header:
    """In either byte order; libvirt tells them apart by the version."""
    little, big = (_Header(order, *struct.unpack_from(f"{order}5I", data)) for order in "<>")
    return little if little.version <= _NEWEST_VERSION or big.version > _NEWEST_VERSION else big


def _checked(header: _Header, start: int) -> _Header:
    if problem := _problem(header):
        raise StreamError(
            f"libvirt's header cannot be read: {problem}",
            offset=start,
            record="libvirt header",
            hint="the file is damaged, or of a libvirt newer than qcompat knows",
        )
    return header


def _problem(header: _Header) -> str:
    if header.version > _NEWEST_VERSION:
        return f"its version is {header.version}, the newest known is {_NEWEST_VERSION}"
    if header.format >= len(_FORMATS):
        return f"its format is {header.format}, the highest known is {len(_FORMATS) - 1}"
    if not 0 < header.data_len <= _LONGEST_DATA:
        return f"its domain XML takes {header.data_len} bytes, expected 1 to {_LONGEST_DATA}"
    if header.cookie_offset > header.data_len:
        return f"its cookie is at {header.cookie_offset} of {header.data_len} bytes"
    return ""


def _text(data: bytes, start: int) -> str:
    text, end, _ = data.partition(b"\0")
    try:
        if end:
            return text.decode()
        problem, at = "is not ended by a NUL", len(data)
    except UnicodeDecodeError as error:
        problem, at = f"is not UTF-8: {error.reason}", error.start
    raise StreamError(
        f"libvirt's domain XML {problem}",
        offset=start + at,
        record="libvirt domain XML",
        hint=_DAMAGED,
    )


def _details(header: _Header, data: bytes) -> list[tuple[str, str]]:
    state = "running" if header.was_running else "paused"
    order = ", big-endian" if header.order == ">" else ""
    details = [("libvirt header", f"version {header.version}, {state}{order}")]
    if header.format_name == "sparse":
        details.append(("libvirt format", "sparse (mapped-ram)"))
    if header.cookie_offset:
        cookie = data[header.cookie_offset :].partition(b"\0")[0]
        details.append(("libvirt cookie", f"{len(cookie)} bytes"))
    return details
