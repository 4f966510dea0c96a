"""QEMU's answers about CPU models: what is on, what a host lacks, what a name stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qcompat.arch.machine_type import parse_machine_type
from qcompat.hosts.capture import NAMELESS, Definition, Value
from qcompat.hosts.cpu.features.names import canonicals, on_in

VALUES = ("vendor", "family", "model", "stepping", "model-id", "min-level", "min-xlevel")
NESTED = {"vmx": True, "svm": True}
"""Nested virtualisation, off in a named model under KVM, brings features of its own."""
_NO_MODELS = ("host", "max", "base")


def unavailable_in(listed: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Every named model, and what the host lacks of it, from `query-cpu-definitions`."""
    return {
        each["name"]: _joined(each["unavailable-features"])
        for each in sorted(listed, key=lambda each: str(each["name"]))
        if each["name"] not in _NO_MODELS and isinstance(each.get("unavailable-features"), list)
    }


def _joined(lacking: Sequence[object]) -> str:
    """A bit that QEMU has no name for comes as an empty name and becomes NAMELESS."""
    names = canonicals(map(str, lacking))
    return " ".join(name or NAMELESS for name in names)


def oldest_machine(machines: Iterable[str]) -> str:
    """The oldest versioned q35 among machine types; empty where there is none."""
    found = (parse_machine_type(name) for name in machines)
    versions = ((m.version, m.name) for m in found if m.is_upstream and m.board == "pc-q35")
    return min(versions, default=((), ""))[1]


def aliases_in(listed: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The versioned model that each plain name stands for."""
    return {each["name"]: str(each["alias-of"]) for each in listed if each.get("alias-of")}


def definition(plain: Mapping[str, Any], nested: Mapping[str, Any]) -> Definition:
    """From the expansions of a model as it is, and with nested virtualisation turned on."""
    features = on_in(plain)
    more = set(on_in(nested)) - set(features) - NESTED.keys()
    return Definition(" ".join(features), " ".join(sorted(more)), values_in(plain))


def values_in(props: Mapping[str, Any]) -> dict[str, Value]:
    """The values that are not features."""
    return {name: props[name] for name in VALUES if isinstance(props.get(name), int | str)}
