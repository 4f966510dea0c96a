"""PCI configuration space as the guest reads it, with write masks measured.

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
_Q35_HOST = 0x29C08086
_WORDS = range(0, 256, 4)
_BRIDGE, _CARDBUS = 1, 2
_EXPRESS_CAP, _SHPC_CAP = 0x10, 0x0C


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
    """Configuration access to one paused machine."""

    def __init__(self, qtest: Qtest) -> None:
        self._qtest = qtest
        self._buses = 0
        self._has_window = False

    async def functions(self) -> list[Place]:
        """All PCI functions, bridges before what is behind them; numbers the buses."""
        (host,) = await self.read32(Place(0, 0, ""), [0])
        self._has_window = host == _Q35_HOST
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
            if (header >> 16) & 0x7F == _BRIDGE:
                found += await self._scan_behind(place)
        return found

    async def _heads(self, places: list[Place]) -> list[tuple[int, int]]:
        commands = [
            command
            for place in places
            for register in (0, 0x0C)
            for command in (f"outl {_ADDRESS:#x} {place.port | register:#x}", f"inl {_DATA:#x}")
        ]
        values = [int(answer, 0) for answer in (await self._qtest.batch(commands))[1::2]]
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
        answers = (await self._qtest.batch(commands))[1::2]
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
        if self._has_window and _EXPRESS_CAP in dict(capabilities(low)).values():
            return low + (await self._qtest.read(place.window + 256, 4096 - 256))
        return low

    async def writable(self, place: Place, config: bytes) -> bytes:
        """The bits that a write of ones, then zeros changes; everything is written back."""
        registers = [r for r in _WORDS if r not in _unsafe(config)]
        mask = bytearray(len(config))
        low = await self._toggle([_port_access(place, r) for r in registers])
        for register, bits in zip(registers, low, strict=True):
            mask[register : register + 4] = bits.to_bytes(4, "little")
        if len(config) > 256:
            extended = list(_extended_registers(config))
            high = await self._toggle([_window_access(place, r) for r in extended])
            for register, bits in zip(extended, high, strict=True):
                mask[register : register + 4] = bits.to_bytes(4, "little")
        return bytes(mask)

    async def _toggle(self, accesses: list[tuple[str, str, str]]) -> list[int]:
        """For each (select, read, write) access the bits that can be set and cleared."""
        before = await self._read_all(accesses)
        commands: list[str] = []
        for (select, read, write), value in zip(accesses, before, strict=True):
            for pattern in (0xFFFFFFFF, 0):
                commands += [select, f"{write} {pattern:#x}", select, read]
            commands += [select, f"{write} {value:#x}"]
        answers = await self._qtest.batch(commands)
        return [
            int(answers[start + 3], 0) ^ int(answers[start + 7], 0)
            for start in range(0, len(answers), 10)
        ]

    async def _read_all(self, accesses: list[tuple[str, str, str]]) -> list[int]:
        answers = await self._qtest.batch([c for s, r, _ in accesses for c in (s, r)])
        return [int(answer, 0) for answer in answers[1::2]]


def _port_access(place: Place, register: int) -> tuple[str, str, str]:
    select = f"outl {_ADDRESS:#x} {place.port | register:#x}"
    return select, f"inl {_DATA:#x}", f"outl {_DATA:#x}"


def _window_access(place: Place, register: int) -> tuple[str, str, str]:
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


def _unsafe(config: bytes) -> set[int]:
    """Registers whose writing acts: bus numbers, slot power, hot-plug doorbells, the window."""
    unsafe = set()
    if config[0x0E] & 0x7F in (_BRIDGE, _CARDBUS):
        unsafe |= {0x18, 0x3C}
    if int.from_bytes(config[:4], "little") == _Q35_HOST:
        unsafe |= {0x60, 0x64}
    for offset, kind in capabilities(config):
        if kind == _EXPRESS_CAP:
            unsafe.add(offset + 0x18)
        elif kind == _SHPC_CAP:
            unsafe.add(offset + 4)
    return unsafe


def _extended_registers(config: bytes) -> Iterator[int]:
    """Registers from the first to past the last extended capability (none: nothing is there)."""
    offset, end, seen = 0x100, 0, set()
    while offset >= 0x100 and offset not in seen and offset + 4 <= len(config):
        seen.add(offset)
        header = int.from_bytes(config[offset : offset + 4], "little")
        if header == 0:
            break
        end = max(end, offset + 0x60)
        offset = header >> 20 & ~3
    yield from range(0x100, min(end, len(config)), 4)
