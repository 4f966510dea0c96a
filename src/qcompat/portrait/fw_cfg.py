"""The files that a build gives the guest's firmware through fw_cfg: ACPI, SMBIOS, memory map.

Read by DMA (QEMU: docs/specs/fw_cfg.rst), which machine types offer since 2.5, through the port of
the x86 device or where a board has it in memory. The files pass through guest memory from 1 MiB
after its start on, so this runs after the stream was saved, and a guest needs 2 MiB or more.
"""

from __future__ import annotations

import hashlib
import struct
from typing import NamedTuple

from qcompat.portrait.portrait import FirmwareFile
from qcompat.qemu.qtest import Qtest

_CONTROL, _BUFFER = 0x10000, 0x100000
_SIGNATURE, _DIRECTORY = 0x0000, 0x0019
_READ, _SELECT = 0x02, 0x08
_MOST = 1024 * 1024
_FILES = 4096
_ENTRY = struct.Struct(">IHH56s")
_KEPT = 512 * 1024


class DmaPlace(NamedTuple):
    """Where the device takes the 64-bit address of a request, and where guest memory starts."""

    register: int
    is_port: bool
    memory: int = 0


class FwCfg:
    """The fw_cfg device of one paused machine."""

    def __init__(self, qtest: Qtest, place: DmaPlace) -> None:
        self._qtest, self._place = qtest, place

    async def files(self) -> tuple[FirmwareFile, ...]:
        """All files, sorted by name; none where the device does not exist or has no DMA."""
        if await self._read(_SIGNATURE, 4) != b"QEMU":
            return ()
        (count,) = struct.unpack(">I", await self._read(_DIRECTORY, 4))
        listing = await self._read(_DIRECTORY, 4 + _ENTRY.size * min(count, _FILES))
        files = []
        for size, key, _, raw in _ENTRY.iter_unpack(listing[4:]):
            name = raw.split(b"\0")[0].decode(errors="replace")
            files.append(await self._file(name, key, min(size, _MOST)))
        return tuple(sorted(files, key=lambda file: file.name))

    async def _file(self, name: str, key: int, size: int) -> FirmwareFile:
        data = await self._read(key, size)
        is_rom = ("rom" in name and not name.startswith("etc/")) or size > _KEPT
        digest = hashlib.sha256(data).hexdigest()
        return FirmwareFile(name, size, digest, b"" if is_rom else data.rstrip(b"\0"))

    async def _read(self, key: int, size: int) -> bytes:
        if not size:
            return b""
        buffer, control = self._place.memory + _BUFFER, self._place.memory + _CONTROL
        await self._qtest.write(
            control, struct.pack(">IIQ", key << 16 | _SELECT | _READ, size, buffer)
        )
        await self._request(control)
        return await self._qtest.read(buffer, size)

    async def _request(self, control: int) -> None:
        """Hand over the address, which is big-endian, high half first."""
        register = self._place.register
        if not self._place.is_port:
            await self._qtest.write(register, control.to_bytes(8, "big"))
            return
        low = int.from_bytes(control.to_bytes(4, "big"), "little")
        await self._qtest.batch([f"outl {register:#x} 0x0", f"outl {register + 4:#x} {low:#x}"])
