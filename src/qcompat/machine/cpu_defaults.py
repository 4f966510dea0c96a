"""CPU models: which class defaults apply to them, and when two builds' models are comparable.

A CPU model sets its features and a few other properties in code that no class default shows
(x86_cpu_load_model, target/i386/cpu.c). A property that no asked model changes is assumed to be
unchanged in the others, the fixed versions, too.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.machine.model import MachineFacts, Observed, TypeFact, Values
from qcompat.machine.value import are_equal, kind_of

ROOT = "cpu"


def with_processors(base: Mapping[str, Values], types: Mapping[str, TypeFact]) -> dict[str, Values]:
    """`base` and, for CPU types that were not asked, the defaults that no model changes."""
    models = {name: base[name] for name in types if _is_cpu(types[name]) and base.get(name)}
    changed = {
        key
        for name, values in models.items()
        for key, value in values.items()
        if not _is_default(types[name].properties.get(key), value)
    }
    asked = {key for values in models.values() for key in values}
    found = dict(base)
    for name, fact in types.items():
        if _is_cpu(fact) and not fact.is_abstract and name not in models:
            found[name] = {
                key: value
                for key, value in fact.properties.items()
                if value is not None and key in asked and key not in changed
            }
    return found


def without_processors(facts: MachineFacts) -> MachineFacts:
    """The facts without CPU models, to compare them with those of another host."""
    cpus = frozenset(name for name, fact in facts.types.items() if _is_cpu(fact))
    return msgspec.structs.replace(
        facts,
        base=_without(facts.base, cpus),
        observed={name: _less(each, cpus) for name, each in facts.observed.items()},
    )


def comparable(one: MachineFacts, other: MachineFacts) -> tuple[MachineFacts, MachineFacts]:
    """Both; without CPU models where these were asked on different processors."""
    if one.processors == other.processors:
        return one, other
    return without_processors(one), without_processors(other)


def _less(observed: Observed, cpus: frozenset[str]) -> Observed:
    return msgspec.structs.replace(
        observed,
        devices=_without(observed.devices, cpus),
        defaults=_without(observed.defaults, cpus),
    )


def _without(values: Mapping[str, Values], names: frozenset[str]) -> dict[str, Values]:
    return {name: each for name, each in values.items() if name not in names}


def _is_cpu(fact: TypeFact) -> bool:
    return ROOT in fact.ancestors


def _is_default(default: str | None, value: str) -> bool:
    return default is not None and are_equal(default, value, kind_of(default))
