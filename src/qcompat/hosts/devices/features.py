"""Which property governs which virtio feature, and what of the host it depends on.

The knowledge is `features.toml`, whose head explains it; names and bits of features are those
of `stream.decode.virtio_features`.
"""

from __future__ import annotations

from functools import cache

import msgspec

from qcompat.dataset import read_table
from qcompat.errors import FileFormatError
from qcompat.stream.decode.virtio.features import feature_names

COMMON = "virtio"


class DeviceKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of virtio device: its number (virtio 1.2, 5) and the types QEMU gives it.

    `vhost` is the vhost device of the kernel that always does its work; empty for none.
    """

    name: str
    number: int = 0
    types: tuple[str, ...] = ()
    vhost: str = ""


class Feature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of `features.toml`; see its head."""

    device: str
    name: str
    property: str = ""
    off: str = "off"
    since: str = ""
    until: str = ""
    tap: str = ""
    vhost: bool = False
    host: str = ""
    libvirt: str = ""


class FeatureTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `features.toml`."""

    kind: tuple[DeviceKind, ...]
    feature: tuple[Feature, ...]


@cache
def table() -> FeatureTable:
    """The table. Errors: FileFormatError where a row names an unknown feature."""
    found = read_table("qcompat.hosts.devices", "features.toml", FeatureTable)
    numbers = {kind.name: kind.number for kind in found.kind}
    for row in found.feature:
        if row.device not in numbers or bit_of(numbers[row.device], row.name) is None:
            raise FileFormatError(f"features.toml: no feature {row.name!r} of {row.device!r}")
    return found


def kind_of(type_: str) -> DeviceKind | None:
    """The kind of a device type (`virtio-net-pci`) or of a kind's own name (`virtio-net`)."""
    known = (kind for kind in table().kind if kind.name != COMMON)
    return next((kind for kind in known if type_ == kind.name or type_ in kind.types), None)


def features_of(kind: DeviceKind) -> tuple[Feature, ...]:
    """All features that properties of this kind of device govern, common ones first."""
    return tuple(row for row in table().feature if row.device in (COMMON, kind.name))


@cache
def feature_of(kind: DeviceKind, bit: int) -> Feature | None:
    """What governs a bit; None where no row knows it."""
    rows = features_of(kind)
    return next((row for row in rows if bit_of(kind.number, row.name) == bit), None)


def bit_of(number: int, name: str) -> int | None:
    """The bit of a feature by its name, for the device kind of this number (0: common ones)."""
    names = feature_names()
    own = names.device.get(str(number), {})
    return next((int(b) for b, each in (*own.items(), *names.common.items()) if each == name), None)
