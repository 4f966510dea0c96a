"""The files that a build gives the guest's firmware through fw_cfg: ACPI, SMBIOS, memory map.

Read by DMA through the ports of the x86 device (QEMU: docs/specs/fw_cfg.rst), which machine
types offer since 2.5. The files pass through guest memory from 1 MiB on, so this runs after
the stream was saved, and a guest needs 2 MiB or more.
"""

from __future__ import annotations

import hashlib
import struct

from qcompat.arch.architecture import FwCfgPorts
from qcompat.portrait.portrait import FirmwareFile
from qcompat.qemu.qtest import Qtest

_CONTROL, _BUFFER = 0x10000, 0x100000
_SIGNATURE, _DIRECTORY = 0x0000, 0x0019
_READ, _SELECT = 0x02, 0x08
_MOST = 1024 * 1024
_FILES = 4096
_ENTRY = struct.Struct(">IHH56s")
_KEPT = 512 * 1024


class FwCfg:
    """The fw_cfg device of one paused machine, behind `ports`."""

    def __init__(self, qtest: Qtest, ports: FwCfgPorts) -> None:
        self._qtest = qtest
        self._dma = ports.dma_port

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
        control = struct.pack(">IIQ", key << 16 | _SELECT | _READ, size, _BUFFER)
        await self._qtest.write(_CONTROL, control)
        low = int.from_bytes(_CONTROL.to_bytes(4, "big"), "little")
        await self._qtest.batch([f"outl {self._dma:#x} 0x0", f"outl {self._dma + 4:#x} {low:#x}"])
        return await self._qtest.read(_BUFFER, size)
