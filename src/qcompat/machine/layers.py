"""The layers that give a property its value, in the order in which QEMU applies them.

A layer is a value here; where it comes from (`tables`, a command line) does not matter.

When a device is made it gets its class default, then the compat entries of the accelerator, of
the machine type and of board code ("sugar"), in this order, then what `-global` sets. `-device`
comes last. The last one to write wins (device_post_init, hw/core/qdev.c;
object_apply_compat_props, qom/object.c).

A virtio proxy (`virtio-blk-pci`) makes the device itself (`virtio-blk-device`) while it is
being made, and shows that one's properties as its own (virtio_instance_init_common,
hw/virtio/virtio.c). So all layers of the embedded device, `-global` too, are applied
before the first one of the proxy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Literal

import msgspec

from qcompat.machine.model import CompatEntry, TypeFact

Layer = Literal["default", "accelerator", "machine", "sugar", "global", "device"]

_EMBEDDED_ROOT = "virtio-device"


class Layers(msgspec.Struct, frozen=True):
    """The layers whose entries are matched with every new object."""

    machine: tuple[CompatEntry, ...] = ()
    accelerator: tuple[CompatEntry, ...] = ()
    sugar: tuple[CompatEntry, ...] = ()
    globals: tuple[CompatEntry, ...] = ()

    def in_order(self) -> Iterator[tuple[Layer, CompatEntry]]:
        """Every entry with its layer, in the order of application to one object."""
        yield from (("accelerator", entry) for entry in self.accelerator)
        yield from (("machine", entry) for entry in self.machine)
        yield from (("sugar", entry) for entry in self.sugar)
        yield from (("global", entry) for entry in self.globals)


def matches(fact: TypeFact, driver: str) -> bool:
    """Whether an entry for `driver` means this type: itself, an ancestor or an interface."""
    return driver == fact.name or driver in fact.ancestors


def applied(
    types: Mapping[str, TypeFact], layers: Layers, device_type: str
) -> Iterator[tuple[Layer, CompatEntry]]:
    """The entries that reach a device of this type, in the order in which they are written.

    Those for its embedded device come first, with their own layers.
    """
    inner = embedded(types, device_type)
    for fact in (types[name] for name in (inner, device_type) if name is not None):
        for layer, entry in layers.in_order():
            if matches(fact, entry.driver):
                yield layer, entry


def embedded(types: Mapping[str, TypeFact], proxy: str) -> str | None:
    """The virtio device whose properties a proxy shows as its own; None where there is no proxy.

    Among the devices all of whose properties the proxy has, it is the one with the most; of
    several, the one whose name has most in common with the proxy's (`virtio-mouse-pci` shows the
    same properties as `virtio-tablet-device`).
    """
    own = types[proxy].properties.keys()
    if _EMBEDDED_ROOT in types[proxy].ancestors or not own:
        return None
    fitting = [fact for fact in _virtio_devices(types) if fact.properties.keys() <= own]
    best = max(fitting, key=lambda f: (len(f.properties), _common(f.name, proxy)), default=None)
    return best.name if best else None


def _virtio_devices(types: Mapping[str, TypeFact]) -> Iterator[TypeFact]:
    for fact in types.values():
        if _EMBEDDED_ROOT in fact.ancestors and not fact.is_abstract and fact.properties:
            yield fact


def _common(one: str, other: str) -> int:
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))))
