"""Images whose size one end only assumed: what follows from their sizes is no difference.

A portrait taken where the file is not, or of a format that hides its size, has a stand-in of a
usual size. Beside a portrait with another size that shows nothing of the guest. Of one guest both
ends assume the same, and all counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from qcompat.compare.devices import PropertyDiffers
from qcompat.compare.difference import Difference
from qcompat.compare.firmware.files import FileDiffers
from qcompat.compare.guest import ArgumentDiffers, options_of
from qcompat.compare.memory import BlockDiffers
from qcompat.compare.stream.layout import FieldDiffers, LayoutDiffers
from qcompat.compare.virtio import DeviceConfigDiffers, OfferDiffers
from qcompat.guest.guest import Guest, Uncovered
from qcompat.portrait.portrait import Portrait

_IMAGES = ("-drive", "-blockdev")
_BLOCK = 2
"""The number of virtio-blk (VIRTIO 1.2, 5); its configuration begins with the capacity."""
_FLASH = re.compile(r"flash\d*$")
_CARD = re.compile(r"(^|/)(sd-card|emmc)$")
SIZED = frozenset({"cyls", "heads", "secs", "num-blocks"})
"""Properties that QEMU works out from the size and the contents of an image
(hw/block/hd-geometry.c, pc_system_flash_map in hw/i386/pc_sysfw.c)."""


def unequal_assumptions(source: Guest, target: Guest) -> tuple[Uncovered, ...]:
    """The parts of either end whose size is assumed, where the ends' images are not the same."""
    parts = [part for guest in (source, target) for part in guest.uncovered if part.assumes_size]
    return tuple(dict.fromkeys(parts)) if parts and _images(source) != _images(target) else ()


def without_assumptions(
    differences: Iterable[Difference[Any]], source: Portrait, target: Portrait
) -> Iterator[Difference[Any]]:
    """The differences, less those that may come from an assumed size alone."""
    if not unequal_assumptions(source.guest, target.guest):
        yield from differences
        return
    blocks = {each.address for each in source.virtio if each.device_id == _BLOCK}
    for each in differences:
        if isinstance(each, OfferDiffers) and each.address in blocks:
            yield from _without_config(each)
        elif not _follows(each, blocks):
            yield each


def _images(guest: Guest) -> Counter[tuple[str, str]]:
    return Counter(pair for pair in options_of(guest.arguments) if pair[0] in _IMAGES)


def _without_config(offer: OfferDiffers) -> Iterator[OfferDiffers]:
    ours = msgspec.structs.replace(offer.source, config=offer.target.config)
    if ours != offer.target:
        yield OfferDiffers(address=offer.address, source=ours, target=offer.target)


def _follows(difference: Difference[Any], blocks: set[str]) -> bool:
    match difference:
        case ArgumentDiffers():
            return difference.option in _IMAGES
        case PropertyDiffers():
            return difference.name in SIZED
        case BlockDiffers():
            both = difference.source is not None and difference.target is not None
            return both and bool(_FLASH.search(difference.name))
        case LayoutDiffers() | FieldDiffers():
            return bool(_CARD.search(difference.idstr))
        case DeviceConfigDiffers():
            return difference.idstr.partition("/")[0] in blocks
        case FileDiffers():
            return difference.name == "bios-geometry"
        case _:
            return False
