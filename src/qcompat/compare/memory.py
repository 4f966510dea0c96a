"""RAM blocks: which exist, how long they are and whether they can grow.

The length that travels is the one in the source's stream; what a block can become on the
other end is known only of the running build (`info ramblock`), so both are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from qcompat.compare.difference import Difference
from qcompat.portrait.portrait import Portrait
from qcompat.stream.model import Stream

Maxima = Mapping[str, int | None]
_NONE: Maxima = {}


class Block(msgspec.Struct, frozen=True):
    """A RAM block as one end sends it; `maximum` is None where the build did not say."""

    name: str
    length: int
    maximum: int | None = None


class BlockDiffers(Difference[Block | None], frozen=True, kw_only=True):
    """A RAM block is on one end only, or its length or maximum differ."""

    name: str


def compare_memory(
    source: Stream, target: Stream, ours: Maxima = _NONE, theirs: Maxima = _NONE
) -> Iterator[BlockDiffers]:
    """Compare the blocks of two streams; the maxima, by name, are of the builds that run."""
    before, after = _blocks(source, ours), _blocks(target, theirs)
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name), after.get(name)
        if one is None or other is None or one.length != other.length:
            yield BlockDiffers(name=name, source=one, target=other)


def maxima_of(portrait: Portrait) -> Maxima:
    """How long each block can become on the build of the portrait, in bytes."""
    return {block.name: block.maximum for block in portrait.memory}


def _blocks(stream: Stream, maxima: Maxima) -> dict[str, Block]:
    return {ram.name: Block(ram.name, ram.length, maxima.get(ram.name)) for ram in stream.ram}
