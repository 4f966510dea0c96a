"""A virtio device as its driver finds it: offered features, queue sizes, device configuration.

Read through the PCI capability that is a window into the device's registers and needs no mapped
BAR (virtio 1.x, 4.1.4.9 VIRTIO_PCI_CAP_PCI_CFG), so it works on every build and before the
firmware has run; a device without it is read through its legacy I/O ports.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qcompat.portrait.config_space import Access, ConfigSpace, Place, capabilities
from qcompat.portrait.portrait import VirtioDevice
from qcompat.qemu.qtest import Qtest

_VENDOR, _VENDOR_CAP = 0x1AF4, 0x09
_COMMON, _DEVICE, _PCI_CFG = 1, 4, 5
_MODERN_IDS, _LEGACY_IDS = range(0x1040, 0x1080), range(0x1000, 0x1040)
_PORT = 0xC000
_MOST_QUEUES = 1024
_LEGACY_QUEUES = 64
_CONFIG_MOST = 64


@dataclass(frozen=True)
class _Window:
    """A part of a BAR that a virtio capability points at; `at` is the capability's own offset."""

    kind: int
    bar: int
    offset: int
    length: int
    at: int


async def read_virtio(
    space: ConfigSpace, qtest: Qtest, place: Place, config: bytes, *, words: int = 2
) -> VirtioDevice | None:
    """The device at `place`, or None where it is not a virtio device.

    `words` of 32 feature bits are read: two are what a portrait's file can keep. Features beyond
    64 bits exist since 10.2; older builds read as zero there (virtio_pci_common_read in
    hw/virtio/virtio-pci.c).
    """
    vendor, device = (int.from_bytes(config[i : i + 2], "little") for i in (0, 2))
    if vendor != _VENDOR or (device not in _MODERN_IDS and device not in _LEGACY_IDS):
        return None
    windows = {window.kind: window for window in _windows(config)}
    if _COMMON in windows and _PCI_CFG in windows:
        reader = _Modern(space, place, config, windows)
        number = device - 0x1040 if device in _MODERN_IDS else config[0x2E]
        return await reader.device(number, words)
    return await _legacy(space, qtest, place, config)


def _windows(config: bytes) -> Iterator[_Window]:
    for offset, kind in capabilities(config):
        if kind == _VENDOR_CAP and config[offset + 2] >= 16:
            yield _Window(
                kind=config[offset + 3],
                bar=config[offset + 4],
                offset=int.from_bytes(config[offset + 8 : offset + 12], "little"),
                length=int.from_bytes(config[offset + 12 : offset + 16], "little"),
                at=offset,
            )


class _Modern:
    """Register access through the configuration-access capability, many in one batch."""

    def __init__(
        self, space: ConfigSpace, place: Place, config: bytes, windows: dict[int, _Window]
    ) -> None:
        self._space = space
        self._place = place
        self._windows = windows
        self._at = windows[_PCI_CFG].at
        self._head = int.from_bytes(config[self._at + 4 : self._at + 8], "little") & ~0xFF

    def _aim(self, kind: int, offset: int, width: int) -> list[Access]:
        window = self._windows[kind]
        return [
            (self._at + 4, self._head | window.bar),
            (self._at + 8, window.offset + offset),
            (self._at + 12, width),
        ]

    def _get(self, kind: int, offset: int, width: int) -> list[Access]:
        return [*self._aim(kind, offset, width), (self._at + 16, None)]

    def _set(self, kind: int, offset: int, width: int, value: int) -> list[Access]:
        return [*self._aim(kind, offset, width), (self._at + 16, value)]

    async def _values(self, accesses: list[Access]) -> list[int]:
        return await self._space.access(self._place, accesses)

    async def device(self, number: int, words: int) -> VirtioDevice:
        """Features, then the sizes of all queues, then the device's configuration."""
        asked = []
        for word in range(words):
            asked += [*self._set(_COMMON, 0x00, 4, word), *self._get(_COMMON, 0x04, 4)]
        *found, queues = await self._values([*asked, *self._get(_COMMON, 0x12, 2)])
        features = sum(value << 32 * word for word, value in enumerate(found))
        sizes = await self._sizes(min(queues & 0xFFFF, _MOST_QUEUES))
        config = await self._config()
        return VirtioDevice(self._place.address, number, features, sizes, config)

    async def _sizes(self, queues: int) -> tuple[int, ...]:
        asked = []
        for queue in range(queues):
            asked += [*self._set(_COMMON, 0x16, 2, queue), *self._get(_COMMON, 0x18, 2)]
        return tuple(size & 0xFFFF for size in await self._values(asked))

    async def _config(self) -> bytes:
        """Without what lies beyond the device's configuration, which reads as all ones."""
        window = self._windows.get(_DEVICE)
        length = min(window.length, _CONFIG_MOST) if window else 0
        asked = [a for offset in range(0, length, 4) for a in self._get(_DEVICE, offset, 4)]
        words = await self._values(asked)
        return b"".join(word.to_bytes(4, "little") for word in words).rstrip(b"\xff")


async def _legacy(space: ConfigSpace, qtest: Qtest, place: Place, config: bytes) -> VirtioDevice:
    """Map BAR 0 as I/O ports and read the legacy registers (virtio 1.x, 4.1.4.8)."""
    (command,) = await space.read32(place, [4])
    await space.write32(place, {0x10: _PORT | 1, 4: (command & 0xFFFF) | 1})
    (features,) = await qtest.numbers([f"inl {_PORT:#x}"])
    commands = [
        line
        for queue in range(_LEGACY_QUEUES)
        for line in (f"outw {_PORT + 14:#x} {queue:#x}", f"inw {_PORT + 12:#x}")
    ]
    sizes = [int(answer, 0) for answer in (await qtest.batch(commands))[1::2]]
    await space.write32(place, {4: command & 0xFFFF, 0x10: 0})
    while sizes and not sizes[-1]:
        sizes.pop()
    return VirtioDevice(place.address, config[0x2E], features, tuple(sizes))
