"""PCI configuration space as the guest reads it.

Access goes through the ports 0xcf8/0xcfc and, on a PCI Express host, through the memory
window of q35 (PCIEXBAR, register 0x60 of 00:00.0), which is switched on for the purpose.
All of this disturbs the machine, so it comes after the stream was saved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qcompat.arch.architecture import PciPorts
from qcompat.qemu.qtest import Qtest

_WINDOW = 0xB0000000
Q35_HOST = 0x29C08086
_LAST_BUS = 0xFF
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
    """Configuration access to one paused machine, over its `qtest` session, behind `ports`."""

    def __init__(self, qtest: Qtest, ports: PciPorts) -> None:
        self.qtest = qtest
        self._address, self._data = ports.address_port, ports.data_port
        self.has_window = False

    async def functions(self, addresses: Iterable[str]) -> list[Place]:
        """Where the functions of these addresses answer, bridges before what is behind them.

        Gives the buses numbers, as firmware would, and opens the memory window of a q35.
        """
        host = Place(0, 0, "")
        (identity,) = await self.read32(host, [0])
        self.has_window = identity == Q35_HOST
        if self.has_window:
            await self.write32(host, {0x60: _WINDOW | 1, 0x64: 0})
        behind: dict[str, list[str]] = {}
        for address in sorted(set(addresses)):
            behind.setdefault(address.rpartition(":")[0], []).append(address)
        found: list[Place] = []
        for root in sorted(parent for parent in behind if parent.count(":") == 1):
            number = int(root.rpartition(":")[2], 16)
            found += (await self._number(number, root, behind))[0]
        return found

    async def _number(
        self, bus: int, parent: str, behind: Mapping[str, list[str]]
    ) -> tuple[list[Place], int]:
        """The functions on and behind a bus, and the last bus number given."""
        found: list[Place] = []
        last = bus
        for address in behind.get(parent, ()):
            place = Place(bus, _devfn(address), address)
            found.append(place)
            if address in behind and last < _LAST_BUS:
                first = last + 1
                await self.write32(place, {0x18: bus | first << 8 | _LAST_BUS << 16})
                more, last = await self._number(first, address, behind)
                await self.write32(place, {0x18: bus | first << 8 | last << 16})
                found += more
        return found, last

    async def access(self, place: Place, accesses: list[Access]) -> list[int]:
        """Do 32-bit accesses below register 256 in order; the values of those that read."""
        commands, data = [], f"{self._data:#x}"
        for register, value in accesses:
            commands.append(self._select(place, register))
            commands.append(f"inl {data}" if value is None else f"outl {data} {value:#x}")
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
        if not self.has_window:
            words = await self.read32(place, list(range(0, 256, 4)))
            return b"".join(word.to_bytes(4, "little") for word in words)
        low = await self.qtest.read(place.window, 256)
        if EXPRESS_CAP in dict(capabilities(low)).values():
            return low + (await self.qtest.read(place.window + 256, 4096 - 256))
        return low

    def rewriting(self, place: Place, register: int, values: Sequence[int]) -> list[str]:
        """Commands that write these values to a register, one by one, each read back."""
        if self.has_window:
            at = place.window + register
            return [c for value in values for c in (f"writel {at:#x} {value:#x}", f"readl {at:#x}")]
        select, data = self._select(place, register), f"{self._data:#x}"
        writes = [f"outl {data} {value:#x}" for value in values]
        return [c for write in writes for c in (select, write, f"inl {data}")]

    def _select(self, place: Place, register: int) -> str:
        return f"outl {self._address:#x} {place.port | register:#x}"


def _devfn(address: str) -> int:
    slot, _, function = address.rpartition(":")[2].partition(".")
    return int(slot, 16) << 3 | int(function)


def capabilities(config: bytes) -> Iterator[tuple[int, int]]:
    """(offset, id) of each classic capability; ends on a loop or an offset in the header."""
    offset = config[0x34] & ~3 if config[6] & 0x10 else 0
    seen: set[int] = set()
    while offset >= 0x40 and offset not in seen:
        seen.add(offset)
        yield offset, config[offset]
        offset = config[offset + 1] & ~3
