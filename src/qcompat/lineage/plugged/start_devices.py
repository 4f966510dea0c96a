"""The devices that a command line made at the start, and whether each is still there.

A device with an id is found by it. QEMU numbers the others as it makes them (`device[0]`,
system/qdev-monitor.c, qdev_set_id): the `-device` options, those that `-drive if=virtio` stands
for, then the `-device` options in JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from qcompat.guest.option import Option
from qcompat.portrait.running.observed import Peripheral
from qcompat.remedy.options import Options, Written

_OF_THE_BOARD = ("soundhw", "audio", "usbdevice")
"""Short forms whose devices the board makes: they are no peripherals."""
_VIRTIO = "virtio"


class StartDevice(msgspec.Struct, frozen=True):
    """A device of the start: the option that made it, and as what it is there now."""

    written: Written
    made: Option
    now: Peripheral | None = None

    @property
    def is_gone(self) -> bool:
        return self.now is None

    @property
    def name(self) -> str:
        """As a reader finds it on the line."""
        id_ = self.made.get("id")
        type_ = self.made.get("driver")
        return f'{type_} "{id_}"' if id_ else type_


def start_devices(options: Options, there: Iterable[Peripheral]) -> tuple[StartDevice, ...]:
    """The devices of the line, in the order in which QEMU made them."""
    old = [each for each in there if not each.is_plugged]
    named = {each.id: each for each in old if each.id}
    numbered = {each.number: each for each in old if not each.id}
    found: list[StartDevice] = []
    anonymous = 0
    for written, made in _made(options):
        if made.get("id"):
            now = named.get(made.get("id"))
        else:
            now = numbered.get(anonymous)
            anonymous += 1
        is_same = now is not None and _is_type(made.get("driver"), now.type)
        found.append(StartDevice(written, made, now if is_same else None))
    return tuple(found)


def _made(options: Options) -> Iterator[tuple[Written, Option]]:
    devices = [each for each in options.devices() if each[0].name not in _OF_THE_BOARD]
    yield from ((written, made) for written, made in devices if not made.json)
    for drive in options.named("drive"):
        if drive.read().get("if") == _VIRTIO:
            yield drive, Option(name="device", pairs=(("driver", "virtio-blk-pci"),))
    yield from ((written, made) for written, made in devices if made.json)


def _is_type(written: str, type_: str) -> bool:
    """Whether a line's word makes this type, or may be an alias of it.

    An alias is its beginning (`virtio-net`, `lsi`), its end (`ahci`), itself in small letters
    (`ac97`), or longer (`e1000-82540em`): system/qdev-monitor.c, qdev_alias_table.
    """
    one, other = written.lower(), type_.lower()
    rest = other.removeprefix(one) if other.startswith(one) else None
    is_beginning = rest is not None and (not rest or not rest[0].isalpha())
    return is_beginning or other.endswith(f"-{one}") or one.startswith(f"{other}-")
