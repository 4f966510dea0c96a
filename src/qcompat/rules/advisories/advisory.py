"""Advisories: published breaks that a portrait cannot show, one file each in `advisories/`.

They alone go by version numbers, because what they describe was found in releases and not by asking
a build. A file that is not valid fails as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

import msgspec

from qcompat.dataset import parse_table
from qcompat.portrait.portrait import Device, Portrait
from qcompat.rules.finding import Certainty, Promise

OPERATORS = (">=", "<=", "<", ">")


class Advisory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One published break.

    `devices` are patterns of device types of which the guest has one; `properties` what that
    device has set. `source` and `target` are ranges of affected versions (`>=7.2.18,<7.2.20`),
    of which one must hold on each end. `undecided` says that the outcome varies from run to run.
    The texts speak to an operator.
    """

    title: str
    devices: tuple[str, ...]
    source: tuple[str, ...]
    target: tuple[str, ...]
    promise: Promise
    certainty: Certainty
    symptom: str
    cause: str
    remedy: str
    reference: str
    properties: Mapping[str, str] = {}
    undecided: bool = False


@cache
def advisories() -> Mapping[str, Advisory]:
    """All advisories by the name of their file, in alphabetical order."""
    place = files("qcompat.rules").joinpath("advisories")
    paths = sorted(place.iterdir(), key=lambda path: path.name)
    return {
        path.name.removesuffix(".toml"): parse_table(path.read_bytes(), Advisory, path.name)
        for path in paths
        if path.name.endswith(".toml")
    }


def affected(advisory: Advisory, source: Portrait, target: Portrait) -> Iterator[Device]:
    """The devices of the guest that the advisory is about, between these two builds."""
    if not _holds(advisory.source, source) or not _holds(advisory.target, target):
        return
    for device in source.devices:
        is_named = any(fnmatchcase(device.type, pattern) for pattern in advisory.devices)
        wanted = advisory.properties.items()
        if is_named and all(device.properties.get(name) == value for name, value in wanted):
            yield device


def _holds(ranges: tuple[str, ...], portrait: Portrait) -> bool:
    version = _numbers(portrait.identity.version)
    return any(all(_is(version, part) for part in each.split(",")) for each in ranges)


def _is(version: tuple[int, ...], comparison: str) -> bool:
    operator = next(each for each in OPERATORS if comparison.startswith(each))
    bound = _numbers(comparison.removeprefix(operator))
    length = max(len(version), len(bound))
    one, other = _padded(version, length), _padded(bound, length)
    return {
        ">=": one >= other,
        "<=": one <= other,
        "<": one < other,
        ">": one > other,
    }[operator]


def _padded(numbers: tuple[int, ...], length: int) -> tuple[int, ...]:
    return numbers + (0,) * (length - len(numbers))


def _numbers(version: str) -> tuple[int, ...]:
    """`7.2.22` → (7, 2, 22); what follows the numbers (`-rc1`) is left out."""
    digits = (part for part in version.partition("-")[0].split("."))
    return tuple(int(part) for part in digits if part.isdigit())
