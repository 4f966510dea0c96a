"""PCI: which functions exist, what their configuration space holds, how large their BARs are.

Configuration space is compared twice: as the stream carries it (`ConfigDiffers`, found while
a section is compared) because that is what the target checks and takes over, and as the guest
reads it (`ReadDiffers`), because some registers are not answered from what is stored.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.bars import bars_of
from qcompat.compare.difference import Difference
from qcompat.portrait.portrait import Bar, PciFunction, Portrait


class FunctionOneSided(Difference[PciFunction | None], frozen=True, kw_only=True):
    """A PCI function that only one end has."""

    address: str


class ConfigDiffers(Difference[bytes], frozen=True, kw_only=True):
    """The configuration space in the streams differs, in bytes or in length (256 or 4096)."""

    address: str
    idstr: str


class ReadDiffers(Difference[bytes], frozen=True, kw_only=True):
    """The configuration space as the guest reads it differs."""

    address: str


class BarDiffers(Difference[Bar | None], frozen=True, kw_only=True):
    """A base address register is on one end only, or has another kind or size."""

    address: str
    index: int


PciDifference = FunctionOneSided | ReadDiffers | BarDiffers


def compare_pci(source: Portrait, target: Portrait) -> Iterator[PciDifference]:
    ours = {function.address: function for function in source.pci}
    theirs = {function.address: function for function in target.pci}
    if not ours or not theirs:
        return
    for address in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(address), theirs.get(address)
        if one is None or other is None:
            yield FunctionOneSided(address=address, source=one, target=other)
            continue
        if one.config != other.config:
            yield ReadDiffers(address=address, source=one.config, target=other.config)
        if one != other:
            yield from _bars(one, other)


def _bars(one: PciFunction, other: PciFunction) -> Iterator[BarDiffers]:
    ours, theirs = bars_of(one), bars_of(other)
    if ours is None or theirs is None:
        return
    before, after = {bar.index: bar for bar in ours}, {bar.index: bar for bar in theirs}
    for index in sorted(before.keys() | after.keys()):
        if before.get(index) != after.get(index):
            yield BarDiffers(
                address=one.address,
                index=index,
                source=before.get(index),
                target=after.get(index),
            )
