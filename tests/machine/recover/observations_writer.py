"""Observations made by hand: what devices of a small type tree say under tables that are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qcompat.machine.model import CompatEntry, Observed, TypeFact, Values
from qcompat.machine.recover import Reach


def device(name: str, *ancestors: str, has: Sequence[str] = (), abstract: bool = False) -> TypeFact:
    """A kind of device below these types, nearest first."""
    return TypeFact(name, (*ancestors, "device", "object"), abstract, dict.fromkeys(has, None))


TYPES: Mapping[str, TypeFact] = {
    fact.name: fact
    for fact in (
        device("pci-device", abstract=True, has=("addr",)),
        device("disk", "pci-device", has=("addr", "size", "rom")),
        device("card", "pci-device", has=("addr", "size", "speed")),
        device("fast-card", "card", "pci-device", has=("addr", "size", "speed")),
        device("serial", has=("irq",)),
        device("virtio-device", abstract=True, has=("packed",)),
        device("virtio-net-device", "virtio-device", has=("packed", "mq")),
        device("virtio-rng-device", "virtio-device", has=("packed",)),
        device("virtio-net-pci", "virtio-pci", "pci-device", has=("addr", "packed", "mq", "rom")),
        device("virtio-rng-pci", "virtio-pci", "pci-device", has=("addr", "packed")),
        device("virtio-pci", "pci-device", abstract=True),
    )
}

BASE: Mapping[str, Values] = {
    fact.name: dict.fromkeys(fact.properties, "0")
    for fact in TYPES.values()
    if not fact.is_abstract
}


def table(*rows: tuple[str, str, str]) -> tuple[CompatEntry, ...]:
    """Entries from plain words."""
    return tuple(CompatEntry(*row) for row in rows)


def observed(
    tables: Mapping[str, Sequence[CompatEntry]], base: Mapping[str, Values] = BASE
) -> dict[str, Observed]:
    """What devices say under each machine type when these tables are applied."""
    reach = Reach(TYPES)
    return {
        machine: Observed(
            machine, {type: reach.apply(type, values, entries) for type, values in base.items()}
        )
        for machine, entries in tables.items()
    }
