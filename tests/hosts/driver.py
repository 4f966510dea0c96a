"""A driver as far as agreeing on features goes, over qtest: no guest has to boot for it.

It uses the window into a device's registers that needs no BAR mapped (virtio 1.x, 4.1.4.9).
"""

from __future__ import annotations

from qcompat.portrait.config_space import ConfigSpace, Place, capabilities

_VENDOR, _COMMON, _WINDOW = 0x09, 1, 5
_SELECT, _OFFERED, _TAKEN_SELECT, _TAKEN, _STATUS = 0x00, 0x04, 0x08, 0x0C, 0x14
_DRIVER, _FEATURES_OK = 0x03, 0x0B
WORDS = 4


async def agree(space: ConfigSpace, place: Place) -> int:
    """Agree on all that the device offers, and return it. The device must say that it accepts."""
    registers = await _Registers.of(space, place)
    await registers.write(_STATUS, _DRIVER, 1)
    taken = 0
    for word in range(WORDS):
        await registers.write(_SELECT, word)
        offered = await registers.read(_OFFERED)
        await registers.write(_TAKEN_SELECT, word)
        await registers.write(_TAKEN, offered)
        taken |= offered << 32 * word
    await registers.write(_STATUS, _FEATURES_OK, 1)
    assert await registers.read(_STATUS, 1) & 0xFF == _FEATURES_OK
    return taken


class _Registers:
    def __init__(self, space: ConfigSpace, place: Place, window: int, bar: int, at: int) -> None:
        self._space, self._place = space, place
        self._window, self._bar, self._at = window, bar, at

    @classmethod
    async def of(cls, space: ConfigSpace, place: Place) -> _Registers:
        config = await space.config(place)
        places = {config[o + 3]: o for o, kind in capabilities(config) if kind == _VENDOR}
        common = places[_COMMON]
        start = int.from_bytes(config[common + 8 : common + 12], "little")
        return cls(space, place, places[_WINDOW], config[common + 4], start)

    async def read(self, register: int, width: int = 4) -> int:
        aim = self._aim(register, width)
        (value,) = await self._space.access(self._place, [*aim, (self._window + 16, None)])
        return value

    async def write(self, register: int, value: int, width: int = 4) -> None:
        aim = self._aim(register, width)
        await self._space.access(self._place, [*aim, (self._window + 16, value)])

    def _aim(self, register: int, width: int) -> list[tuple[int, int | None]]:
        return [
            (self._window + 4, self._bar),
            (self._window + 8, self._at + register),
            (self._window + 12, width),
        ]
