"""Measuring which bits of configuration space a guest can write: write ones, write zeros, read.

These are the bits that QEMU's loader lets a stream change (its wmask). A few registers have side
effects when written and are not touched: bus numbers, the memory window, slot control, hot-plug
ports, the window into a virtio device.
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
)

_SHPC_CAP, _VENDOR_CAP = 0x0C, 0x09
_VIRTIO_WINDOW, _VIRTIO_WINDOW_DATA = 5, 0x10
_SLOT_CONTROL = 0x18
# The bits of slot control that QEMU makes writable (hw/pci/pcie.c, pcie_cap_slot_init), taken
# from the source because writing its power bits ejects what is in the slot.
_SLOT_CONTROL_MASK = 0x1FFF


class WriteMasks:
    """Measures functions of one paused machine."""

    def __init__(self, space: ConfigSpace) -> None:
        self._space = space

    async def measure(self, place: Place, config: bytes) -> bytes:
        """A one for every bit that can be set and cleared; `config` is then written back."""
        unsafe = _unsafe(config)
        registers = [register for register in _registers(config) if register not in unsafe]
        measured = await self._toggle(place, config, registers)
        mask = bytearray(len(config))
        for register, bits in [*zip(registers, measured, strict=True), *unsafe.items()]:
            mask[register : register + 4] = bits.to_bytes(4, "little")
        return bytes(mask)

    async def _toggle(self, place: Place, config: bytes, registers: list[int]) -> list[int]:
        """For each register the bits that can be set and cleared."""
        commands: list[str] = []
        for register in registers:
            before = int.from_bytes(config[register : register + 4], "little")
            commands += self._space.rewriting(place, register, (0xFFFFFFFF, 0, before))
        answers = await self._space.qtest.batch(commands)
        step = len(commands) // len(registers)
        ones, zeros = step // 3 - 1, 2 * (step // 3) - 1
        return [
            int(answers[start + ones], 0) ^ int(answers[start + zeros], 0)
            for start in range(0, len(answers), step)
        ]


def _unsafe(config: bytes) -> dict[int, int]:
    """Registers with side effects, and the writable bits known for them."""
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
        elif kind == _VENDOR_CAP and config[offset + 3] == _VIRTIO_WINDOW:
            unsafe[offset + _VIRTIO_WINDOW_DATA] = 0xFFFFFFFF
    return unsafe


def _registers(config: bytes) -> Iterator[int]:
    """All registers below 256, and those of extended capabilities, 0x60 bytes into the last."""
    yield from range(0, 256, 4)
    offset, end, seen = 0x100, 0, set()
    while offset >= 0x100 and offset not in seen and offset + 4 <= len(config):
        seen.add(offset)
        header = int.from_bytes(config[offset : offset + 4], "little")
        if header == 0:
            break
        end = max(end, offset + 0x60)
        offset = header >> 20 & ~3
    yield from range(0x100, min(end, len(config)), 4)
