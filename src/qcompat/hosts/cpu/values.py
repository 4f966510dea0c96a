"""Values of a processor that are no features: equal, or not greater, where guests move.

A named model brings its own. With `host` they are the host's, and a property of `-cpu` must
make them the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from qcompat.hosts.capture import Value
from qcompat.hosts.cpu.offer import CpuOffer

EQUAL = ("family", "model", "stepping", "model-id")
"""What must be equal: identity, shown to the guest in leaves 1 and 0x80000002 on."""
LEAST = {"level": "level", "xlevel": "xlevel", "phys-bits": "host-phys-bits-limit"}
"""Limits, and the property that lowers each: the least of all is what all have. A guest's
address width stays the host's with `host-phys-bits`, which `host` sets, and is cut by the limit
(host_cpu_adjust_phys_bits of target/i386/host-cpu.c; since 4.1)."""


class ValueDiffers(msgspec.Struct, frozen=True):
    """A value that is not the same everywhere: `kind` is how it must compare."""

    name: str
    kind: str
    values: tuple[Value | None, ...]


def value_of(offer: CpuOffer, name: str) -> Value | None:
    """The value on a host: that of a started guest, else of the model, else of the kernel."""
    values = offer.values
    found = values.get(name)
    if found is None and name in ("level", "xlevel"):
        return values.get(f"min-{name}")
    if found is None and name == "phys-bits":
        return offer.host.processor.physical_bits
    return found


def differing(offers: Sequence[CpuOffer]) -> tuple[ValueDiffers, ...]:
    """The values that differ between some of the offers, as far as they are known."""
    return tuple(each for each in _compared(offers) if len(set(each.values) - {None}) > 1)


def told_by_some(offers: Sequence[CpuOffer]) -> tuple[str, ...]:
    """The values that some of the offers tell and others do not."""
    told = ((each.name, {value is None for value in each.values}) for each in _compared(offers))
    return tuple(name for name, gaps in told if len(gaps) > 1)


def untold(offers: Sequence[CpuOffer]) -> tuple[str, ...]:
    """The values that some of the offers do not tell, where they are the host's own.

    Without KVM none is: `max` has those that its build gives it.
    """
    if offers[0].capture.accelerator != "kvm":
        return ()
    return tuple(each.name for each in _compared(offers) if None in each.values)


def _compared(offers: Sequence[CpuOffer]) -> Iterator[ValueDiffers]:
    kinds = (
        {"vendor": "equal"} | dict.fromkeys(EQUAL, "equal") | dict.fromkeys(LEAST, "not greater")
    )
    for name, kind in kinds.items():
        yield ValueDiffers(name, kind, tuple(value_of(offer, name) for offer in offers))
