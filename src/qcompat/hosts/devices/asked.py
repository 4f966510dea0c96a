"""A device that a user asks about: its type and the given properties."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.errors import UsageError
from qcompat.guest.option import Pairs, parse_fields
from qcompat.hosts.devices.features import DeviceKind, kind_of, table
from qcompat.machine.value import canonical


class AskedDevice(msgspec.Struct, frozen=True):
    """What a user writes after `-device`; `given` keeps the properties in their order."""

    type: str
    kind: DeviceKind
    given: Pairs = ()

    @property
    def values(self) -> Mapping[str, str]:
        """The given properties, switches in one spelling."""
        return {name: canonical(value, "bool") for name, value in self.given}


def parse_device(text: str) -> AskedDevice:
    """`virtio-net-pci,mq=on` taken apart. Errors: UsageError for what is no such device."""
    pairs = parse_fields(text, "driver")
    type_ = next((value for name, value in pairs if name == "driver"), "")
    kind = kind_of(type_)
    if kind is None:
        known = ", ".join(kind.types[0] for kind in table().kind if kind.types)
        raise UsageError(
            f"qcompat does not know how a host affects {type_ or 'a device without a type'}",
            f"known are {known} and their variants",
        )
    real = kind.types[0] if type_ == kind.name else type_
    return AskedDevice(real, kind, tuple(pair for pair in pairs if pair[0] != "driver"))
