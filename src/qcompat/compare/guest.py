"""What was asked for: the guests' arguments, their machine types, the configuration section.

Equal guests have equal arguments (`guest.Guest`), so the arguments usually do not differ; of two
different guests they show what the user did differently.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from qcompat.compare.difference import Difference
from qcompat.guest.guest import Guest
from qcompat.portrait.portrait import Portrait
from qcompat.stream.model import Configuration, Stream


class ArgumentDiffers(Difference[str | None], frozen=True, kw_only=True):
    """An option such as `-m 256M`, given on one end only or with different values."""

    option: str


class MachineDiffers(Difference[str], frozen=True, kw_only=True):
    """The concrete machine types have different names."""


class ConfigurationDiffers(Difference[Configuration | None], frozen=True, kw_only=True):
    """The configuration sections of the two streams are not equal."""


def compare_guests(source: Portrait, target: Portrait) -> Iterator[ArgumentDiffers]:
    if source.guest == target.guest:
        return
    ours, theirs = _options(source.guest), _options(target.guest)
    left, right = sorted((ours - theirs).elements()), sorted((theirs - ours).elements())
    for option in sorted({name for name, _ in left + right}):
        one = [value for name, value in left if name == option]
        other = [value for name, value in right if name == option]
        for index in range(max(len(one), len(other))):
            yield ArgumentDiffers(option=option, source=_at(one, index), target=_at(other, index))


def compare_machine(source: Portrait, target: Portrait) -> Iterator[MachineDiffers]:
    if source.machine != target.machine:
        yield MachineDiffers(source=source.machine, target=target.machine)


def compare_configurations(source: Stream, target: Stream) -> Iterator[ConfigurationDiffers]:
    ours, theirs = source.configuration, target.configuration
    if ours != theirs:
        yield ConfigurationDiffers(source=ours, target=theirs)


def _options(guest: Guest) -> Counter[tuple[str, str]]:
    return Counter(options_of(guest.arguments))


def options_of(words: Sequence[str]) -> list[tuple[str, str]]:
    """Arguments as pairs; an option without a value is paired with an empty one."""
    pairs: list[tuple[str, str]] = []
    for word in words:
        if word.startswith("-"):
            pairs.append((word, ""))
        elif pairs:
            pairs[-1] = (pairs[-1][0], word)
    return pairs


def _at(values: list[str], index: int) -> str | None:
    return values[index] if index < len(values) else None
