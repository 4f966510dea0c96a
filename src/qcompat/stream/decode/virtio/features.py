"""Names of virtio feature bits, in QEMU's and the specification's spelling."""

from __future__ import annotations

from functools import cache

import msgspec

from qcompat.stream.decode.tables import read_table


class FeatureNames(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `features.toml`: bit to name, common ones and those of a device number."""

    common: dict[str, str]
    device: dict[str, dict[str, str]]


@cache
def feature_names() -> FeatureNames:
    return read_table("virtio/features.toml", FeatureNames)


def named(device_id: int, features: int) -> tuple[str, ...]:
    """The names of the bits set in `features`; `bit 52` for one without a name."""
    names = feature_names()
    own = names.device.get(str(device_id), {})
    bits = [bit for bit in range(features.bit_length()) if features >> bit & 1]
    return tuple(own.get(str(b)) or names.common.get(str(b)) or f"bit {b}" for b in bits)
