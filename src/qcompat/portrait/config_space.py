"""PCI configuration space as the guest reads it.

Access goes through the ports 0xcf8/0xcfc and, on a PCI Express host, through the memory
window of q35 (PCIEXBAR, register 0x60 of 00:00.0), which is switched on for the purpose.
Everything here disturbs the machine: it runs after the stream was saved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qcompat.qemu.qtest import Qtest

_ADDRESS, _DATA = 0xCF8, 0xCFC
_WINDOW = 0xB0000000
Q35_HOST = 0x29C08086
_WORDS = range(0, 256, 4)
IS_BRIDGE = 1
EXPRESS_CAP = 0x10


# A register and the value to write to it, or None to read it.
Access = tuple[int, int | None]


@dataclass(frozen=True)
class Place:
    """Where a function answers: bus number and device/function, and its stable PCI path."""

    bus: int
    devfn: int
    address: str

    @property
    def port(self) -> int:
        """The value for the address port, register 0."""
        return 0x80000000 | self.bus << 16 | self.devfn << 8

    @property
    def window(self) -> int:
        """Its 4 KiB in the memory window."""
        return _WINDOW + (self.bus << 20) + (self.devfn << 12)


class ConfigSpace:
    """Configuration access to one paused machine, over its `qtest` session."""

    def __init__(self, qtest: Qtest) -> None:
        self.qtest = qtest
        self._buses = 0
        self._has_window = False

    async def functions(self) -> list[Place]:
        """All PCI functions, bridges before what is behind them; numbers the buses."""
        (host,) = await self.read32(Place(0, 0, ""), [0])
        self._has_window = host == Q35_HOST
        if self._has_window:
            await self.write32(Place(0, 0, ""), {0x60: _WINDOW | 1, 0x64: 0})
        return await self._scan(0, "0000:00")

    async def _scan(self, bus: int, prefix: str) -> list[Place]:
        found: list[Place] = []
        places = [
            Place(bus, devfn, f"{prefix}:{devfn >> 3:02x}.{devfn & 7}") for devfn in range(256)
        ]
        headers = await self._heads(places)
        for place, (vendor, header) in zip(places, headers, strict=True):
            if vendor in (0xFFFFFFFF, 0):
                continue
            found.append(place)
            if (header >> 16) & 0x7F == IS_BRIDGE:
                found += await self._scan_behind(place)
        return found

    async def _heads(self, places: list[Place]) -> list[tuple[int, int]]:
        commands = [
            command
            for place in places
            for register in (0, 0x0C)
            for command in (f"outl {_ADDRESS:#x} {place.port | register:#x}", f"inl {_DATA:#x}")
        ]
        values = [int(answer, 0) for answer in (await self.qtest.batch(commands))[1::2]]
        return list(zip(values[::2], values[1::2], strict=True))

    async def _scan_behind(self, bridge: Place) -> list[Place]:
        self._buses += 1
        number = self._buses
        if number > 255:
            return []
        await self.write32(bridge, {0x18: bridge.bus | number << 8 | 0xFF << 16})
        found = await self._scan(number, bridge.address)
        await self.write32(bridge, {0x18: bridge.bus | number << 8 | self._buses << 16})
        return found

    async def access(self, place: Place, accesses: list[Access]) -> list[int]:
        """Do 32-bit accesses below register 256 in order; the values of those that read."""
        commands = []
        for register, value in accesses:
            commands.append(f"outl {_ADDRESS:#x} {place.port | register:#x}")
            commands.append(f"inl {_DATA:#x}" if value is None else f"outl {_DATA:#x} {value:#x}")
        answers = (await self.qtest.batch(commands))[1::2]
        return [
            int(answer, 0)
            for answer, (_, value) in zip(answers, accesses, strict=True)
            if value is None
        ]

    async def read32(self, place: Place, registers: list[int]) -> list[int]:
        """Read 32-bit registers below 256."""
        return await self.access(place, [(register, None) for register in registers])

    async def write32(self, place: Place, values: dict[int, int]) -> None:
        """Write 32-bit registers below 256."""
        await self.access(place, list(values.items()))

    async def config(self, place: Place) -> bytes:
        """The whole configuration space: 4096 bytes where the function is PCI Express."""
        words = await self.read32(place, list(_WORDS))
        low = b"".join(word.to_bytes(4, "little") for word in words)
        if self._has_window and EXPRESS_CAP in dict(capabilities(low)).values():
            return low + (await self.qtest.read(place.window + 256, 4096 - 256))
        return low


def port_access(place: Place, register: int) -> tuple[str, str, str]:
    """The commands that select, read and write a register through the ports."""
    select = f"outl {_ADDRESS:#x} {place.port | register:#x}"
    return select, f"inl {_DATA:#x}", f"outl {_DATA:#x}"


def window_access(place: Place, register: int) -> tuple[str, str, str]:
    """The same through the memory window, where nothing has to be selected first."""
    address = place.window + register
    return f"readl {address:#x}", f"readl {address:#x}", f"writel {address:#x}"


def capabilities(config: bytes) -> Iterator[tuple[int, int]]:
    """(offset, id) of each classic capability; ends on a loop or an offset in the header."""
    offset = config[0x34] & ~3 if config[6] & 0x10 else 0
    seen: set[int] = set()
    while offset >= 0x40 and offset not in seen:
        seen.add(offset)
        yield offset, config[offset]
        offset = config[offset + 1] & ~3
