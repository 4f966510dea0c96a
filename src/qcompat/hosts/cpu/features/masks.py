"""Sets of features as integers, one bit a name: a thousand hosts are compared with `&` and `|`.

Each new name gets the next bit, so that features of future builds have a place too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class FeatureMasks:
    """The names seen so far and the bit of each."""

    def __init__(self) -> None:
        self._bit: dict[str, int] = {}
        self._name: list[str] = []
        self._masks: dict[tuple[str, ...], int] = {}
        self._joined: dict[str, int] = {}

    def bit(self, name: str) -> int:
        """The mask of one name."""
        if name not in self._bit:
            self._bit[name] = 1 << len(self._name)
            self._name.append(name)
        return self._bit[name]

    def mask(self, names: Iterable[str]) -> int:
        """The mask of some names; that of a tuple is remembered."""
        if not isinstance(names, tuple):
            return self._sum(names)
        if names not in self._masks:
            self._masks[names] = self._sum(names)
        return self._masks[names]

    def joined(self, names: str) -> int:
        """The mask of names that are joined by blanks; remembered."""
        if names not in self._joined:
            self._joined[names] = self._sum(names.split())
        return self._joined[names]

    def names(self, mask: int) -> tuple[str, ...]:
        """The names of a mask, sorted."""
        return tuple(sorted(self._name[place] for place in bits(mask)))

    def _sum(self, names: Iterable[str]) -> int:
        total = 0
        for name in names:
            total |= self.bit(name)
        return total


def bits(mask: int) -> Iterator[int]:
    """The places of the ones, lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
