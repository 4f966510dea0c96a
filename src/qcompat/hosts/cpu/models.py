"""Named CPU models: their names, and what each is made of by the builds that qcompat ships.

A versioned name, `EPYC-Rome-v2`, means the same at every start. A plain name stands for the
version that the machine type chooses (X86CPUVersion of target/i386/cpu.h, since 4.1).

`models.json` is recovered by `tools/cpu_models.py` from real builds under KVM. It is
used where a capture has no definitions, as libvirt's: a version of a model never changes its
features except by mistake (docs/system/cpu-models-x86.rst, "ABI compatibility").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import msgspec

from qcompat.dataset import read_table
from qcompat.hosts.capture import Definition

_VERSIONED = re.compile(r"(?P<plain>.+)-v(?P<number>\d+)")


class Definitions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every versioned model, and the version that each plain name stands for without a machine."""

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


def is_versioned(name: str) -> bool:
    return _VERSIONED.fullmatch(name) is not None


def version_of(name: str) -> tuple[str, int]:
    """The plain name and the number of the version, 0 for a name without one."""
    found = _VERSIONED.fullmatch(name)
    return (found["plain"], int(found["number"])) if found else (name, 0)
