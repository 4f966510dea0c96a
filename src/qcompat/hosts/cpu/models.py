"""What a named CPU model is made of, by the builds that qcompat was made with.

`models.json` is recovered by `tools/cpu_models.py` from real builds under KVM. It stands in
where a capture does not tell, as libvirt's do not: a version of a model never changes its
features but by mistake (docs/system/cpu-models-x86.rst, "ABI compatibility").
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import msgspec

from qcompat.dataset import read_table
from qcompat.hosts.capture import Definition


class Definitions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every versioned model, and the version that each plain name stands for on no machine."""

    models: Mapping[str, Definition]
    aliases: Mapping[str, str]


@cache
def shipped() -> Definitions:
    return read_table("qcompat.hosts.cpu", "models.json", Definitions)


@cache
def names_of(model: str) -> tuple[str, ...]:
    """All names of a versioned model, itself first: `Haswell-v4`, `Haswell-noTSX-IBRS`."""
    others = (plain for plain, target in shipped().aliases.items() if target == model)
    return (model, *others)


@cache
def versioned(model: str) -> str:
    """The versioned name of a model; the name itself where none is known."""
    return shipped().aliases.get(model, model)


def vendor_of(model: str) -> str:
    """The vendor of a model as QEMU defines it, empty where that is not known.

    Under KVM a guest sees the host's vendor all the same (host_cpu_instance_init,
    target/i386/host-cpu.c).
    """
    definition = shipped().models.get(model)
    return str(definition.values.get("vendor", "")) if definition else ""
