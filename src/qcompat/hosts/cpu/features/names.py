"""Feature names: QEMU's own, for which it has aliases and libvirt other spellings (`names.json`).

features  every name that is in a static expansion of some build
aliases   other spellings QEMU takes for one of them, each tried on a build
settings  boolean properties of a CPU that are not features: `enforce`, `pmu`, `hv-time`
libvirt   features that libvirt's cpu_map has, by QEMU's name: its spelling
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec

from qcompat.dataset import read_table


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `names.json`."""

    features: frozenset[str]
    aliases: Mapping[str, str]
    settings: frozenset[str]
    libvirt: Mapping[str, str]


@cache
def names() -> Names:
    return read_table("qcompat.hosts.cpu.features", "names.json", Names)


@cache
def canonical(name: str) -> str:
    """QEMU's own name of a feature, whoever spelled it."""
    table = names()
    if name in table.features:
        return name
    dashed = name.replace("_", "-")
    if name in table.aliases:
        return table.aliases[name]
    return _from_libvirt().get(name) or table.aliases.get(dashed) or dashed


@cache
def _from_libvirt() -> Mapping[str, str]:
    return {theirs: ours for ours, theirs in names().libvirt.items()}


def is_feature(name: str) -> bool:
    """Whether a boolean property of a CPU is a feature; an unknown one counts as one."""
    return canonical(name) not in names().settings and not name.startswith("x-")


def canonicals(given: Iterable[str]) -> tuple[str, ...]:
    """The features among the names, each once, sorted."""
    return tuple(sorted({canonical(name) for name in given if is_feature(name)}))


def on_in(props: Mapping[str, Any]) -> tuple[str, ...]:
    """The features that are on in an expansion of a model."""
    return canonicals(name for name, value in props.items() if value is True)


def known_in(props: Mapping[str, Any]) -> tuple[str, ...]:
    """The features that an expansion of a model has, on or off."""
    return canonicals(name for name, value in props.items() if isinstance(value, bool))
