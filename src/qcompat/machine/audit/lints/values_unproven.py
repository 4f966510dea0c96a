"""Types of both builds whose values could not be compared under any shared machine type.

They could not be instantiated on one of the builds, or their defaults are not reported. That no
other lint names them proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.machine.audit.finding import Audit
from qcompat.machine.audit.pair import Pair

LINT = "values_unproven"


def find(pair: Pair) -> Iterator[Audit]:
    if pair.audited.facts.identity == pair.reference.facts.identity:
        return
    types = tuple(sorted(_shared(pair) - {type for type, _ in pair.compared}))
    if not types and pair.shared:
        return
    yield Audit(
        lint=LINT,
        severity="unknown",
        certainty="certain",
        explanation=f"No value of {len(types)} types could be compared between "
        f"{pair.audited.name} and {pair.reference.name}"
        if pair.shared
        else f"{pair.audited.name} and {pair.reference.name} share no versioned machine type",
        driver="",
        property="",
        types=types,
        against=(pair.reference.name,),
    )


def _shared(pair: Pair) -> set[str]:
    theirs = pair.reference.facts.types
    return {
        name
        for name, fact in pair.audited.facts.types.items()
        if name in theirs and fact.properties and not fact.is_abstract
    }
