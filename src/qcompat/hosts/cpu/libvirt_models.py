"""How libvirt defines the processor models that it knows, which is not always how QEMU does.

`libvirt_models.json` is recovered by `tools/libvirt_models.py` from the maps of libvirt 9.0 and
11.3. Only what both know is in it, so that either reads what is made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import msgspec

from qcompat.dataset import read_table


class LibvirtModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The features that a model has in `every` release, and those that it has in `some` only."""

    every: str
    some: str


class LibvirtModels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The names of features, joined by blanks, and the models."""

    features: str
    models: Mapping[str, LibvirtModel]


@cache
def libvirt_models() -> LibvirtModels:
    """The table."""
    return read_table("qcompat.hosts.cpu", "libvirt_models.json", LibvirtModels)
