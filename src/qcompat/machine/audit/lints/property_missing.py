"""A device type lost a property that the reference build has.

A mark that a guest carries, or a command line, may set it: QEMU then does not start. Where a
compat table of the reference sets it for a shared machine type, the audited build can no longer
provide that machine type as it was. Properties are removed with the machine types that used them
(docs/about/removed-features.rst; 38 names between 10.0 and 11.1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from qcompat.machine.audit.finding import Audit
from qcompat.machine.audit.known import successor_of
from qcompat.machine.audit.pair import Pair
from qcompat.machine.audit.type_tree import TypeProperty

LINT = "property_missing"


def find(pair: Pair) -> Iterator[Audit]:
    if pair.reference.newest > pair.audited.newest:
        return  # not lost, but not yet added
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, fact in pair.reference.facts.types.items():
        for property in fact.properties if not fact.is_abstract else ():
            if pair.audited.has_property((name, property)) is False:
                found[property].append(name)
    for property, types in sorted(found.items()):
        yield _audit(pair, property, tuple(sorted(types)))


def _audit(pair: Pair, property: str, types: tuple[str, ...]) -> Audit:
    spots = [(type, property) for type in types]
    machines = () if successor_of(property) else tuple(_machines(pair, spots))
    return Audit(
        lint=LINT,
        severity="breaks" if machines else "suspicious",
        certainty="likely" if machines else "certain",
        explanation=_explain(pair, property, types, machines),
        driver=_driver(pair, property, types),
        property=property,
        types=types,
        machines=machines,
        reference=_default(pair, types[0], property),
        against=(pair.reference.name,),
    )


def _machines(pair: Pair, spots: list[TypeProperty]) -> Iterator[str]:
    """Shared machine types for which the reference sets the property."""
    releases = {release for spot in spots for release in pair.reference.steps.get(spot, {})}
    newest = max(releases, default=())
    for machines in pair.shared.values():
        yield from (name for release, name in machines.items() if release <= newest)


def _driver(pair: Pair, property: str, types: tuple[str, ...]) -> str:
    """One name for all of them; all types it reaches have the property on the reference."""
    names = (
        name
        for name, reached in pair.reference.reach.items()
        if reached >= set(types)
        and all(pair.reference.has_property((type, property)) is not False for type in reached)
    )
    return pair.reference.narrowest(names)


def _default(pair: Pair, type: str, property: str) -> str | None:
    return pair.reference.facts.types[type].properties[property]


def _explain(pair: Pair, property: str, types: tuple[str, ...], machines: tuple[str, ...]) -> str:
    known = f"{len(types)} device types of {pair.reference.name} have {property}"
    gone = f"{known}, in {pair.audited.name} they do not: "
    if machines:
        return gone + "machine types for which the reference sets it cannot be as they were"
    gone += "a guest that carries it as a mark or on its command line does not start"
    successor = successor_of(property)
    return f"{gone}; {successor} replaces it" if successor else gone
