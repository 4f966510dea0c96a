"""RAM blocks: which exist, how long they are and whether they can grow.

The length that travels is the one in the source's stream; what a block can become on the
other end is known only of the running build (`info ramblock`), so both are compared.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.compare.difference import Difference
from qcompat.portrait.portrait import MemoryBlock, Portrait


class Block(msgspec.Struct, frozen=True):
    """A RAM block as one end sends it; `maximum` is None where the build did not say."""

    name: str
    length: int
    maximum: int | None = None


class BlockDiffers(Difference[Block | None], frozen=True, kw_only=True):
    """A RAM block is on one end only, or its length or maximum differ."""

    name: str


def compare_memory(source: Portrait, target: Portrait) -> Iterator[BlockDiffers]:
    if source.stream is None or target.stream is None:
        return
    ours, theirs = _blocks(source), _blocks(target)
    for name in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(name), theirs.get(name)
        if one is None or other is None or one.length != other.length:
            yield BlockDiffers(name=name, source=one, target=other)


def _blocks(portrait: Portrait) -> dict[str, Block]:
    held = {block.name: block for block in portrait.memory}
    sent = portrait.stream.ram if portrait.stream else ()
    return {ram.name: Block(ram.name, ram.length, _maximum(held.get(ram.name))) for ram in sent}


def _maximum(held: MemoryBlock | None) -> int | None:
    return held.maximum if held else None
