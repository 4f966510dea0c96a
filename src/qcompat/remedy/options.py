"""The options of a command line while it is edited: each with its words as they were written.

Any spelling that QEMU takes is found by the option's own name (`-M`, `--machine`), and a short
form by what it stands for (`-usbdevice tablet` makes a `-device`). The words of an option that
is not edited stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qcompat.guest import command_line, sugar
from qcompat.guest.arguments import words_of
from qcompat.guest.option import Option


@dataclass(eq=False)
class Written:
    """One option as it was written; `name` is empty for the program and what surrounds it."""

    name: str
    words: tuple[str, ...]

    @property
    def value(self) -> str:
        """What was given to the option; empty for one that takes nothing."""
        return self.words[1] if len(self.words) > 1 else ""

    @value.setter
    def value(self, value: str) -> None:
        self.words = (self.words[0], value)

    def read(self) -> Option:
        """The option itself."""
        (option,) = command_line.read(self.words)
        return option

    def makes(self) -> tuple[Option, ...]:
        """The options that a short form stands for; any other stands for itself."""
        return sugar.expand([self.read()]) if self.name not in ("", "set") else ()


class Options:
    """All options of a command line, in the order given. Raises GuestError for unknown ones."""

    def __init__(self, words: Sequence[str]) -> None:
        self._all = list(_split(words))

    def named(self, name: str) -> list[Written]:
        """The options of this name, in whatever spelling."""
        return [each for each in self._all if each.name == name]

    def making(self, name: str) -> list[tuple[Written, Option]]:
        """Every option of this name that the line makes, with the words that make it."""
        return [(each, made) for each in self._all for made in each.makes() if made.name == name]

    def devices(self) -> list[tuple[Written, Option]]:
        """Every `-device` that the line makes, in the order in which QEMU creates them."""
        return sorted(self.making("device"), key=lambda each: sugar.turn(each[0].read()))

    def is_after(self, one: Written, other: Written | None) -> bool:
        """Whether QEMU reads one option after the other."""
        return other is not None and self._all.index(one) > self._all.index(other)

    def write_out(self, short: Written) -> None:
        """Replace a short form by the options that it stands for."""
        at = self._all.index(short)
        self._all[at : at + 1] = _split(words_of(short.makes()))

    def replace(self, option: Written, words: Sequence[str]) -> None:
        """Put these words in the place of an option; none: it is left out."""
        at = self._all.index(option)
        self._all[at : at + 1] = _split(words)

    def add_before(self, option: Written, words: Sequence[str]) -> None:
        """Put these words in front of an option."""
        at = self._all.index(option)
        self._all[at:at] = _split(words)

    def all(self) -> tuple[Written, ...]:
        """Every option, in the order given; what stands around them has no name."""
        return tuple(self._all)

    def drop(self, option: Written) -> None:
        """Leave the option out."""
        self._all.remove(option)

    def add(self, option: str, value: str = "") -> None:
        """Put an option at the end."""
        self._all += _split((option, value) if value else (option,))

    def words(self) -> tuple[str, ...]:
        """The command line."""
        return tuple(word for each in self._all for word in each.words)


def _split(words: Sequence[str]) -> Iterator[Written]:
    return (Written(name, own) for name, own in command_line.split(words))
