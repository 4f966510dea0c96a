"""The target's masks for one PCI function, from what was measured of it."""

from __future__ import annotations

from qcompat.compare.pci import ConfigDiffers
from qcompat.portrait.portrait import Portrait
from qcompat.rules.pci.cmask import fatal_bits
from qcompat.rules.pci.generation import is_before

PRESENCE_IGNORED_SINCE = (8, 1)


def fatal_bits_of(portrait: Portrait, difference: ConfigDiffers) -> bytes:
    """The bits of this function that must arrive equal on the target, `portrait`."""
    measured = (each.writable for each in portrait.pci if each.address == difference.address)
    writable = next(measured, b"")
    return fatal_bits(
        difference.target,
        writable[: len(difference.target)],
        checks_presence=is_before(portrait.facts, PRESENCE_IGNORED_SINCE),
    )
