"""Small builds made by hand: a board `pc-q35` of releases 7.0 to 7.2, a device or two."""

from __future__ import annotations

from collections.abc import Mapping

from qcompat.builds.build import BuildIdentity
from qcompat.builds.facts import MachineFact
from qcompat.machine.model import CompatEntry, MachineFacts, Observed, TypeFact

RELEASES = ("7.2", "7.1", "7.0")
DEVICE = TypeFact("rng-pci", ("rng-pci-base", "pci-device", "device"), False, {"vectors": "2"})


def types(*facts: TypeFact) -> dict[str, TypeFact]:
    """Those types and their parents, which are abstract."""
    parents = {
        name: TypeFact(name, fact.ancestors[place + 1 :], True)
        for fact in facts
        for place, name in enumerate(fact.ancestors)
    }
    return {**parents, **{fact.name: fact for fact in facts}}


def reported(
    added: Mapping[str, tuple[CompatEntry, ...]],
    *facts: TypeFact,
    name: str = "one",
    releases: tuple[str, ...] = RELEASES,
) -> MachineFacts:
    """A build that reports its tables; `added` is what each release adds to the next newer."""
    tables: dict[str, tuple[CompatEntry, ...]] = {}
    table: tuple[CompatEntry, ...] = ()
    for release in releases:
        table = (*table, *added.get(release, ()))
        tables[f"pc-q35-{release}"] = table
    return MachineFacts(
        identity=BuildIdentity(name, "", name),
        machines=tuple(MachineFact(machine) for machine in tables),
        types=types(*(facts or (DEVICE,))),
        tables=tables,
        origin="reported",
    )


def observed(
    values: Mapping[str, str | None],
    *facts: TypeFact,
    name: str = "other",
    property: str = "vectors",
) -> MachineFacts:
    """A build that reports none; `values` is what its rng-pci said by release."""
    seen = {
        f"pc-q35-{release}": Observed(
            f"pc-q35-{release}", {"rng-pci": {} if value is None else {property: value}}
        )
        for release, value in values.items()
    }
    return MachineFacts(
        identity=BuildIdentity(name, "", name),
        machines=tuple(MachineFact(machine) for machine in seen),
        types=types(*(facts or (DEVICE,))),
        tables={},
        origin="recovered",
        observed=seen,
    )
