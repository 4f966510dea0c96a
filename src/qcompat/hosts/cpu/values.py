"""A processor's values beside its features: equal, or not greater, where guests move.

A named model has its own. With `host` they are the host's, and properties of `-cpu` must make
them equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from qcompat.hosts.capture import Value
from qcompat.hosts.cpu.offer import CpuOffer

EQUAL = ("family", "model", "stepping", "model-id")
"""What must be equal: the identity that the guest sees in leaves 1 and 0x80000002 on."""
LEAST = {"level": "level", "xlevel": "xlevel", "phys-bits": "host-phys-bits-limit"}
"""Limits, and the property that lowers each: all hosts have the lowest one. A guest's
address width stays the host's with `host-phys-bits`, which `host` sets, up to the limit
(host_cpu_adjust_phys_bits of target/i386/host-cpu.c; since 4.1)."""


class ValueDiffers(msgspec.Struct, frozen=True):
    """A value that is not the same everywhere: `kind` says how it must compare."""

    name: str
    kind: str
    values: tuple[Value | None, ...]


def value_of(offer: CpuOffer, name: str) -> Value | None:
    """The value on a host: of a started guest, else of the model, else of the kernel."""
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
    """The values that some captures state and others do not."""
    told = ((each.name, {value is None for value in each.values}) for each in _compared(offers))
    return tuple(name for name, gaps in told if len(gaps) > 1)


def untold(offers: Sequence[CpuOffer]) -> tuple[str, ...]:
    """The values that some captures do not state, where they are the host's own.

    Without KVM none is: `max` has the values that its build gives it.
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
