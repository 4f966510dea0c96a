"""Where a kernel and its archive go in the memory of a PC, and how it gets to run.

The layout is Linux's own 16-bit boot protocol (Documentation/arch/x86/boot.rst), which boot loaders
and QEMU's option ROM follow (x86_load_linux, hw/i386/x86-common.c). Nothing but memory is needed:
firmware that waits calls interrupt 0x1C at every tick of the timer, a hook for programs of the user
(SeaBIOS, handle_08 in src/clock.c), and there `start` stands in. The machine keeps its
configuration: QEMU is told of no kernel, so no file, ROM or device is added.

    0x00070   the vector of interrupt 0x1C → 0x7C00
    0x07C00   `start`, where a PC has its boot sector
    0x10000   the kernel's real-mode part, with its header filled in
    0x20000   the kernel's line
    0x100000  the kernel
    0xF00000  a page that the kernel leaves alone, where the guest writes what it has done
    …         the archive, behind the room that the kernel unpacks itself into
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import msgspec

from qcompat.errors import FileFormatError

MAILBOX = 0xF00000
MAILBOX_SIZE = 0x10000
VECTOR = 0x1C * 4
_START = 0x7C00
_SETUP, _LINE, _KERNEL = 0x10000, 0x20000, 0x100000
_SECTOR = 512
_MIB = 1 << 20
_ROOM = 40 * _MIB
"""What Linux needs beside itself and its archive, to unpack that and to run."""

_MAGIC = (0x202, b"HdrS")
_LOADER, _FLAGS, _HEAP_END, _LINE_AT, _ARCHIVE_AT = 0x210, 0x211, 0x224, 0x228, 0x218
_VIDEO_MODE, _PREFERRED, _ROOM_NEEDED = 0x1FA, 0x258, 0x260
_QEMU, _CAN_USE_HEAP, _NORMAL_MODE = 0xB0, 0x80, 0xFFFF


class Part(msgspec.Struct, frozen=True):
    """Bytes, and where in guest memory they go."""

    address: int
    data: bytes


class Loading(msgspec.Struct, frozen=True):
    """What is written into the memory of a guest of at least `least` bytes, in this order."""

    parts: tuple[Part, ...]
    least: int


def load(image: bytes, archive: bytes, line: str) -> Loading:
    """A kernel (bzImage), its archive and its line. Errors: FileFormatError."""
    at, magic = _MAGIC
    if image[at : at + len(magic)] != magic or len(image) < _KERNEL // 4:
        raise FileFormatError("the guest's kernel is no bzImage of Linux")
    size = ((image[0x1F1] or 4) + 1) * _SECTOR
    head = bytearray(image[:size])
    (preferred,) = struct.unpack_from("<Q", head, _PREFERRED)
    (needed,) = struct.unpack_from("<I", head, _ROOM_NEEDED)
    place = -(-(preferred + needed) // _MIB) * _MIB
    head[_LOADER] = _QEMU
    head[_FLAGS] |= _CAN_USE_HEAP
    struct.pack_into("<H", head, _VIDEO_MODE, _NORMAL_MODE)
    struct.pack_into("<H", head, _HEAP_END, _LINE - _SETUP - 0x200)
    struct.pack_into("<I", head, _LINE_AT, _LINE)
    struct.pack_into("<II", head, _ARCHIVE_AT, place, len(archive))
    parts = (
        Part(MAILBOX, bytes(4096)),
        Part(place, archive),
        Part(_KERNEL, image[size:]),
        Part(_LINE, line.encode("ascii") + b"\0"),
        Part(_SETUP, bytes(head)),
    )
    if _KERNEL + len(image) - size > MAILBOX:
        raise FileFormatError("the guest's kernel is larger than its place in memory")
    return Loading(parts, place + len(archive) + _ROOM)


def hook(vector: bytes) -> Sequence[Part]:
    """`start`, and the vector that leads there; `vector` is what stood in its place."""
    return (Part(_START, _code(vector)), Part(VECTOR, struct.pack("<HH", _START, 0)))


def _code(vector: bytes) -> bytes:
    """Real-mode code: give the tick and the vector back, then enter the kernel as a loader does."""
    segment = struct.pack("<H", _SETUP >> 4)
    entry = struct.pack("<HH", 0, (_SETUP >> 4) + 0x20)
    return b"".join(
        (
            bytes.fromhex("fa b0 20 e6 20"),  # cli; mov al, 0x20; out 0x20, al (end of interrupt)
            bytes.fromhex("31 c0 8e d8"),  # xor ax, ax; mov ds, ax
            bytes.fromhex("66 c7 06"),  # mov dword [VECTOR], vector
            struct.pack("<H", VECTOR) + vector,
            b"\xb8" + segment,  # mov ax, segment; mov ds/es/ss/fs/gs, ax
            bytes.fromhex("8e d8 8e c0 8e d0 8e e0 8e e8"),
            bytes.fromhex("bc f0 ff"),  # mov sp, 0xfff0
            b"\xea" + entry,  # jmp far
        )
    )
