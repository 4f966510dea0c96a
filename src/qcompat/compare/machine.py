"""The machine type, and what the stream's configuration section says of it."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.difference import Difference
from qcompat.portrait.portrait import Portrait
from qcompat.stream.model import Configuration, Stream


class MachineDiffers(Difference[str], frozen=True, kw_only=True):
    """The concrete machine types have different names."""


class ConfigurationDiffers(Difference[Configuration | None], frozen=True, kw_only=True):
    """The configuration sections of the two streams are not equal."""


def compare_machine(source: Portrait, target: Portrait) -> Iterator[MachineDiffers]:
    if source.machine != target.machine:
        yield MachineDiffers(source=source.machine, target=target.machine)


def compare_configurations(source: Stream, target: Stream) -> Iterator[ConfigurationDiffers]:
    ours, theirs = source.configuration, target.configuration
    if ours != theirs:
        yield ConfigurationDiffers(source=ours, target=theirs)
