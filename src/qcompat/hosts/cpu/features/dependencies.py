"""Features that need others (`dependencies.toml`): an intersection must not separate them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Literal

import msgspec

from qcompat.dataset import read_table
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.features.names import names

Authority = Literal["qemu", "architecture"]


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"except_": "except"}):
    """Without `needs` the `features` are not there; see the head of `dependencies.toml`."""

    by: Authority
    needs: str
    features: tuple[str, ...]
    except_: tuple[str, ...] = ()


class _Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rule: tuple[Rule, ...]


@cache
def dependents() -> Mapping[Authority, Mapping[str, tuple[str, ...]]]:
    """By authority and by the needed feature: the features that need it directly."""
    found: dict[Authority, dict[str, tuple[str, ...]]] = {"qemu": {}, "architecture": {}}
    for rule in read_table("qcompat.hosts.cpu.features", "dependencies.toml", _Rules).rule:
        of = found[rule.by]
        of[rule.needs] = (*of.get(rule.needs, ()), *_meant(rule))
    return found


def _meant(rule: Rule) -> Iterator[str]:
    for pattern in rule.features:
        if not pattern.endswith("*"):
            yield pattern
            continue
        for name in sorted(names().features - set(rule.except_)):
            if fnmatchcase(name, pattern):
                yield name


def needs_of(name: str) -> tuple[str, ...]:
    """What a feature needs directly, by any authority."""
    return tuple(
        needs
        for rules in dependents().values()
        for needs, features in rules.items()
        if name in features
    )


def drops_dependents(masks: FeatureMasks, known: int) -> bool:
    """Whether a build with these names turns off features whose needs are missing.

    QEMU does since it has names for the parts of vmx (4.2, feature_dependencies); before that a
    guest could have `npt` without `svm`.
    """
    return bool(known & masks.mask(dependents()["qemu"]["vmx"]))


def lost_with(
    masks: FeatureMasks, missing: int, present: int, *, by: tuple[Authority, ...] = ("qemu",)
) -> int:
    """The features of `present` that are lost when those of `missing` are not there."""
    gone, fresh = 0, missing
    while fresh:
        needy = _needing(masks, fresh, by) & present & ~gone
        gone |= needy
        fresh = needy
    return gone


def _needing(masks: FeatureMasks, missing: int, by: tuple[Authority, ...]) -> int:
    found = 0
    for authority in by:
        for needs, features in dependents()[authority].items():
            if missing & masks.bit(needs):
                found |= masks.mask(features)
    return found
