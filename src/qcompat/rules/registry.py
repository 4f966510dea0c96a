"""All rules: every module in a room of this package that has a `RULE`, in the order of findings."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from types import ModuleType

import msgspec

import qcompat.rules
from qcompat.compare.comparison import Comparison
from qcompat.rules.advisories.named import with_advisories
from qcompat.rules.effect import NOT_KNOWN, When
from qcompat.rules.finding import Finding
from qcompat.rules.rule import STAGES, Find, Rule
from qcompat.rules.section.states import is_modelled


def _modules() -> Iterator[ModuleType]:
    for room in pkgutil.iter_modules(qcompat.rules.__path__, f"{qcompat.rules.__name__}."):
        path = import_module(room.name).__path__ if room.ispkg else ()
        for found in pkgutil.iter_modules(path, f"{room.name}."):
            module = import_module(found.name)
            if isinstance(getattr(module, "RULE", None), Rule):
                yield module


def _order(module: ModuleType) -> tuple[int, int]:
    rule: Rule = module.RULE
    return STAGES.index(rule.stage), rule.position


MODULES: Mapping[str, ModuleType] = {
    module.RULE.id: module for module in sorted(_modules(), key=_order)
}
"""The module of each rule, by id."""

RULES: Mapping[str, Rule] = {name: module.RULE for name, module in MODULES.items()}
"""Each rule's own account, by id."""

_MET: Mapping[When, str] = {
    "load": "The guest meets it at the load",
    "now": "The guest meets it as soon as it runs on the target",
    "reset": "The guest meets it after its next reset",
}
_FINDS: tuple[Find, ...] = tuple(module.find for module in MODULES.values())


def findings_of(comparison: Comparison) -> tuple[Finding, ...]:
    """What all rules find in one direction, in the order of the rules."""
    found = (finding for find in _FINDS for finding in find(comparison))
    spoken_of = (finding for finding in found if not _is_beyond_model(finding, comparison))
    return tuple(with_advisories(in_time(finding), comparison) for finding in spoken_of)


def _is_beyond_model(finding: Finding, comparison: Comparison) -> bool:
    """Whether it is about contents that are not modelled on an end."""
    section = finding.subject.section
    return (
        RULES[finding.rule].needs_model
        and bool(section)
        and not (
            is_modelled(comparison.source, section) and is_modelled(comparison.target, section)
        )
    )


def in_time(finding: Finding) -> Finding:
    """The finding with the time at which its rule says that the guest meets it."""
    when = RULES[finding.rule].effect_on(finding.promise).when
    return msgspec.structs.replace(finding, when=when)


def page(rule: str) -> str:
    """What a rule looks for, why it matters, and when the guest meets it."""
    text = inspect.cleandoc(MODULES[rule].__doc__ or "")
    effect = RULES[rule].effect
    return text if effect == NOT_KNOWN else f"{text}\n\n{_MET[effect.when]}: {effect.because}."
