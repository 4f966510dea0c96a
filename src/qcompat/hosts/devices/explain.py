"""Feature words explained: each bit by name, with the property that governs it. Pure.

The log or the user says which kind of device a word belongs to. Otherwise it is known only where a
single kind has all the bits; the answer then says how it was found.
"""

from __future__ import annotations

import msgspec

from qcompat.errors import UsageError
from qcompat.hosts.backends.model import offloads
from qcompat.hosts.devices.feature_words import FeatureWords
from qcompat.hosts.devices.features import (
    DeviceKind,
    Feature,
    bit_of,
    feature_of,
    features_of,
    kind_of,
    table,
)
from qcompat.stream.decode.virtio.features import feature_names, named

COMMON_BITS = range(24, 50)
"""Bits that mean the same for every device (virtio 1.3, 2.2 and 6); the others are its own."""
_SHARED_LOW = 0b11  # kinds without names here (sound, i2c, gpio, scmi) have bits 0 and 1 at most


class Bit(msgspec.Struct, frozen=True):
    """One feature: `governed` is the property that offers it, None where none is known."""

    bit: int
    name: str
    is_refused: bool
    governed: Feature | None = None
    linux: str = ""


class Explained(msgspec.Struct, frozen=True):
    """The words of one message, explained.

    `kind` is the kind of device, empty where it is unknown; `told_by` says what it is known from:
    `log`, `user` or `bits`. `candidates` are the kinds that the bits fit where it is unknown.
    `possible` are the features that the target does not allow, where the message does not say which
    of them the guest agreed on.
    """

    words: FeatureWords
    kind: str
    told_by: str
    candidates: tuple[str, ...]
    bits: tuple[Bit, ...]
    possible: tuple[Bit, ...] = ()

    @property
    def refused(self) -> tuple[Bit, ...]:
        return tuple(bit for bit in self.bits if bit.is_refused)


def explain(words: FeatureWords, device: str = "") -> Explained:
    """What the words mean; `device` is the type or kind of device that the user names.

    Errors: UsageError where it is not a virtio device that is known here.
    """
    kind, told_by, candidates = _kind(words, device)
    number = kind.number if kind else -1
    bits = tuple(_bit(words, bit, kind, number) for bit in _set(words.agreed))
    possible = _possible(words, kind) if words.is_cut and kind else ()
    return Explained(words, kind.name if kind else "", told_by, candidates, bits, possible)


def _possible(words: FeatureWords, kind: DeviceKind) -> tuple[Bit, ...]:
    """What some build offers, by its properties, and this target does not."""
    known = (bit_of(kind.number, row.name) for row in features_of(kind))
    bits = sorted(bit for bit in known if bit is not None)
    allowed = words.allowed or 0
    return tuple(_bit(words, b, kind, kind.number) for b in bits if not allowed >> b & 1)


def _kind(words: FeatureWords, device: str) -> tuple[DeviceKind | None, str, tuple[str, ...]]:
    if device:
        found = kind_of(device)
        if found is None:
            known = ", ".join(kind.name for kind in table().kind if kind.types)
            raise UsageError(
                f"{device} is not a virtio device that qcompat knows", f"known: {known}"
            )
        return found, "user", ()
    if words.state and (found := kind_of(words.state)):
        return found, "log", ()
    fitting = _fitting(words.agreed | (words.allowed or 0))
    if len(fitting) == 1:
        return fitting[0], "bits", ()
    return None, "", tuple(kind.name for kind in fitting)


def _fitting(bits: int) -> list[DeviceKind]:
    """The kinds that have names for all of the bits that are a device's own."""
    own = {bit for bit in _set(bits) if bit not in COMMON_BITS}
    if not own or not any(1 << bit & ~_SHARED_LOW for bit in own):
        return [kind for kind in table().kind if kind.types]
    names = feature_names().device
    numbers = {n for n, known in names.items() if own <= {int(bit) for bit in known}}
    others = numbers - {str(kind.number) for kind in table().kind}
    known = [kind for kind in table().kind if str(kind.number) in numbers and not kind.vhost]
    return (
        known
        if not others
        else [*known, *(DeviceKind(f"device {n}", int(n)) for n in sorted(others))]
    )


def _bit(words: FeatureWords, bit: int, kind: DeviceKind | None, number: int) -> Bit:
    (name,) = named(number, 1 << bit)
    governed = feature_of(kind or _any(), bit)
    linux = {each.name: each.linux for each in offloads()}
    return Bit(
        bit=bit,
        name=f"{name} (unknown)" if name == f"bit {bit}" else name,
        is_refused=bool(words.refused >> bit & 1),
        governed=governed,
        linux=linux.get(governed.tap, "") if governed else "",
    )


def _any() -> DeviceKind:
    """No particular kind: the features that all have."""
    return DeviceKind("")


def _set(bits: int) -> list[int]:
    return [bit for bit in range(bits.bit_length()) if bits >> bit & 1]
