"""Measuring which bits of configuration space a guest can write: write ones, write zeros, look.

What is measured is what QEMU's loader lets a stream change (its wmask). A few registers act
when written and are left alone: bus numbers, the memory window, slot control, hot-plug ports.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.portrait.config_space import (
    EXPRESS_CAP,
    IS_BRIDGE,
    Q35_HOST,
    ConfigSpace,
    Place,
    capabilities,
    port_access,
    window_access,
)

_SHPC_CAP = 0x0C
_SLOT_CONTROL = 0x18
# The bits of slot control that QEMU makes writable (hw/pci/pcie.c, pcie_cap_slot_init), taken
# from the source because writing its power bits ejects what is in the slot.
_SLOT_CONTROL_MASK = 0x1FFF


class WriteMasks:
    """Measures functions of one paused machine."""

    def __init__(self, space: ConfigSpace) -> None:
        self._space = space

    async def measure(self, place: Place, config: bytes) -> bytes:
        """A one for every bit that can be set and cleared; everything is written back."""
        unsafe = _unsafe(config)
        low = [register for register in range(0, 256, 4) if register not in unsafe]
        high = list(_extended_registers(config)) if len(config) > 256 else []
        accesses = [port_access(place, register) for register in low]
        accesses += [window_access(place, register) for register in high]
        mask = bytearray(len(config))
        for register, bits in zip([*low, *high], await self._toggle(accesses), strict=True):
            mask[register : register + 4] = bits.to_bytes(4, "little")
        for register, bits in unsafe.items():
            mask[register : register + 4] = bits.to_bytes(4, "little")
        return bytes(mask)

    async def _toggle(self, accesses: list[tuple[str, str, str]]) -> list[int]:
        """For each (select, read, write) access the bits that can be set and cleared."""
        before = await self._space.qtest.batch([c for s, r, _ in accesses for c in (s, r)])
        commands: list[str] = []
        for (select, read, write), value in zip(accesses, before[1::2], strict=True):
            for pattern in (0xFFFFFFFF, 0):
                commands += [select, f"{write} {pattern:#x}", select, read]
            commands += [select, f"{write} {int(value, 0):#x}"]
        answers = await self._space.qtest.batch(commands)
        return [
            int(answers[start + 3], 0) ^ int(answers[start + 7], 0)
            for start in range(0, len(answers), 10)
        ]


def _unsafe(config: bytes) -> dict[int, int]:
    """Registers whose writing acts, with the writable bits known for them."""
    unsafe: dict[int, int] = {}
    if config[0x0E] & 0x7F == IS_BRIDGE:
        unsafe |= {0x18: 0xFFFFFFFF}
    if int.from_bytes(config[:4], "little") == Q35_HOST:
        unsafe |= {0x60: 0xFFFFFFFF, 0x64: 0xFFFFFFFF}
    for offset, kind in capabilities(config):
        if kind == EXPRESS_CAP:
            unsafe[offset + _SLOT_CONTROL] = _SLOT_CONTROL_MASK
        elif kind == _SHPC_CAP:
            unsafe[offset + 4] = 0xFFFFFFFF
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
