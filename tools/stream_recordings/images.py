"""The small files that recorded guests are made of: firmware, disks, memory.

`idle.bin` is a BIOS without code (`flash.bin` the same to be written). `busy.bin` is one that
writes one byte in each of 16 pages from 0x10000 on, round after round, so that live migration
finds dirty pages to send again; `wide.bin` does so in 128, more than QEMU sends before it looks
at the limit of bandwidth. `pages.bin` has three pages to be loaded into memory.
`htab.bin` is firmware of a pseries that fills its hash table a little.
Disks are made by the qemu-img of this machine.
"""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

BIOS = 64 << 10
PAGE = 4096
MEMORY = 8 << 20
_BUSY = (
    "fa"  # cli
    "31c9"  # xor cx, cx           (the byte to write)
    "b80010"  # round: mov ax, 0x1000
    "41"  # inc cx
    "8ed8"  # page: mov ds, ax
    "880e0801"  # mov [0x108], cl
    "050001"  # add ax, 0x100        (the next page)
    "3d{end}"  # cmp ax, the end
    "75f2"  # jne page
    "ebec"  # jmp round
)
_ENDS = {"busy": "0020", "wide": "0090"}
"""Segments 0x2000 and 0x9000, after 16 and after 128 pages."""
_RESET = bytes.fromhex("ea000000f0")  # jmp 0xf000:0
# What a pseries starts at 0x100: 40 times the hypercall H_ENTER, then an endless loop.
_HASH_TABLE = bytes.fromhex(
    "39000000"  # li r8, 0
    "38600008"  # next: li r3, 8     (H_ENTER)
    "38800000"  # li r4, 0           (flags)
    "7d054378"  # mr r5, r8          (index)
    "38c00001"  # li r6, 1           (valid)
    "38e00190"  # li r7, 0x190       (page 0, coherent, readable)
    "44000022"  # sc 1
    "39080018"  # addi r8, r8, 24
    "2c0803c0"  # cmpwi r8, 960
    "4180ffe0"  # blt next
    "48000000"  # b .
)


def make_images(place: Path) -> None:
    """Write all of them into a directory."""
    for name in ("idle", "flash"):
        (place / f"{name}.bin").write_bytes(bytes(BIOS))
    for name, end in _ENDS.items():
        code = bytes.fromhex(_BUSY.format(end=end)).ljust(BIOS - 16, b"\0")
        (place / f"{name}.bin").write_bytes(code + _RESET.ljust(16, b"\0"))
    (place / "pages.bin").write_bytes(three_pages())
    (place / "disk.raw").write_bytes(three_pages().ljust(3 << 20, b"\0"))
    (place / "memory.bin").write_bytes(bytes(MEMORY // 2) + three_pages().ljust(MEMORY // 2, b"\0"))
    (place / "htab.bin").write_bytes(bytes(0x100) + _HASH_TABLE)
    for name in ("disk", "other"):
        command = ["qemu-img", "create", "-q", "-f", "qcow2", f"{place}/{name}.qcow2", "16M"]
        subprocess.run(command, check=True)


def three_pages() -> bytes:
    """Three pages: noise, one that repeats a byte, noise only in its last word."""
    noise = random.Random("qcompat")  # noqa: S311
    return noise.randbytes(PAGE) + b"\xa5" * PAGE + bytes(PAGE - 8) + noise.randbytes(8)
