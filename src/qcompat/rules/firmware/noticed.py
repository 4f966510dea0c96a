"""Which differences of tables a guest can notice: `noticed.toml`, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Literal

import msgspec

from qcompat.compare.firmware.change import Change
from qcompat.dataset import read_table
from qcompat.rules.finding import Arg, Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import FIRMWARE

Weight = Literal["moved", "drift", "note"]
"""`moved`: the hardware itself is elsewhere on the target, which the tables that the guest holds do
not say; `drift`: what they say after a reset; `note`: nothing that a guest notices."""
_MOST_NAMED = 4


class Noticed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"weight": "is"}):
    """What is decided of some kinds of changes, why, and on whose word."""

    kinds: tuple[str, ...]
    weight: Weight
    reason: str
    source: str


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    noticed: tuple[Noticed, ...]


@cache
def decisions() -> tuple[Noticed, ...]:
    """All decisions, in order: of two that fit a kind, the one that names it in full holds."""
    return read_table("qcompat.rules.firmware", "noticed.toml", _Table).noticed


@cache
def weight_of(kind: str) -> Weight:
    """Whether a change of that kind counts; one that is not known does."""
    named = [each for each in decisions() if kind in each.kinds]
    begun = [each for each in decisions() if any(_begins(kind, start) for start in each.kinds)]
    return (named or begun)[0].weight if named or begun else "drift"


def finding_of(
    rule: Rule, what: str, changes: Sequence[Change], *, args: Mapping[str, Arg]
) -> Iterator[Finding]:
    """What such a rule finds, if anything changed; `what` says of what the changes are."""
    if not changes:
        return
    yield Finding(
        rule=rule.id,
        promise="unchanged",
        certainty="possible" if rule.is_note else "certain",
        subject=FIRMWARE,
        args=args,
        evidence=tuple(
            Evidence(f"{what} {each.where}", each.source, each.target) for each in changes
        ),
    )


def places(changes: Sequence[Change]) -> tuple[str, ...]:
    """Where the changes are, for a sentence: the first few, and how many more."""
    every = tuple(dict.fromkeys(each.where for each in changes))
    more = len(every) - _MOST_NAMED
    return every if more <= 0 else (*every[:_MOST_NAMED], f"{more} more")


def _begins(kind: str, start: str) -> bool:
    return start.endswith("*") and kind.startswith(start[:-1])
