"""PCI configuration space as the guest reads it.

Access goes through the ports 0xcf8/0xcfc and, on a PCI Express host, through the memory
window of q35 (PCIEXBAR, register 0x60 of 00:00.0), which is switched on for the purpose. Boards
without ports have such a window from the start (ECAM; `memory_map` finds it).
All of this disturbs the machine, so it comes after the stream was saved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qcompat.arch.architecture import PciPorts
from qcompat.qemu.qtest import Qtest

_Q35_WINDOW = 0xB0000000
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
    def offset(self) -> int:
        """Where its 4 KiB lie in a memory window."""
        return (self.bus << 20) + (self.devfn << 12)


class ConfigSpace:
    """Configuration access to one paused machine, over its `qtest` session.

    It is behind `ports`, or in the memory window at `window`, where the board has that always.
    """

    def __init__(self, qtest: Qtest, ports: PciPorts | None, window: int | None = None) -> None:
        self.qtest = qtest
        self._ports, self._window = ports, window

    async def functions(self, addresses: Iterable[str]) -> list[Place]:
        """Where the functions of these addresses answer, bridges before what is behind them.

        Gives the buses numbers, as firmware would, and opens the memory window of a q35.
        """
        host = Place(0, 0, "")
        (identity,) = await self.read32(host, [0])
        if self._ports and identity == Q35_HOST:
            await self.write32(host, {0x60: _Q35_WINDOW | 1, 0x64: 0})
            self._window = _Q35_WINDOW
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
        commands: list[str] = []
        for register, value in accesses:
            commands += self._command(place, register, value)
        each = len(commands) // len(accesses) if accesses else 1
        answers = (await self.qtest.batch(commands))[each - 1 :: each]
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
        if self._window is None:
            words = await self.read32(place, list(range(0, 256, 4)))
            return b"".join(word.to_bytes(4, "little") for word in words)
        at = self._window + place.offset
        low = await self.qtest.read(at, 256)
        if EXPRESS_CAP in dict(capabilities(low)).values():
            return low + (await self.qtest.read(at + 256, 4096 - 256))
        return low

    def rewriting(self, place: Place, register: int, values: Sequence[int]) -> list[str]:
        """Commands that write these values to a register, one by one, each read back."""
        if self._window is not None:
            at = self._window + place.offset + register
            return [c for value in values for c in (f"writel {at:#x} {value:#x}", f"readl {at:#x}")]
        writes = (self._command(place, register, value) for value in values)
        _, read = self._command(place, register, None)
        return [c for write in writes for c in (*write, read)]

    def _command(self, place: Place, register: int, value: int | None) -> tuple[str, ...]:
        """The commands of one access, of which the last one answers."""
        if self._ports is None:
            at = f"{(self._window or 0) + place.offset + register:#x}"
            return (f"readl {at}" if value is None else f"writel {at} {value:#x}",)
        data = f"{self._ports.data_port:#x}"
        select = f"outl {self._ports.address_port:#x} {place.port | register:#x}"
        return select, f"inl {data}" if value is None else f"outl {data} {value:#x}"


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
