"""A compat entry reaches some of the sibling types but not others with the same property.

A change in a common parent reaches all its types; an entry that names one of them leaves the
rest. Found so, each time for virtio's -transitional and -non-transitional: vectors of
virtio-net-pci (6.1, fixed by 3fd641ac5e) and of virtio-rng-pci (7.2, fixed by 62bdb88715).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qcompat.machine.audit.finding import Audit
from qcompat.machine.audit.indexed_facts import IndexedFacts
from qcompat.machine.audit.known import was_introduced
from qcompat.machine.audit.release import Release, table_name
from qcompat.machine.model import CompatEntry

LINT = "sibling_entry_missing"
LARGEST_FAMILY = 12
"""A parent of more types is a class of devices (`pci-device`), not a device with variants."""
VARIANTS = ("-transitional", "-non-transitional", "-base")


def find(audited: IndexedFacts, others: Sequence[IndexedFacts]) -> Iterator[Audit]:
    del others
    if not audited.has_tables:
        return
    seen: set[tuple[str, ...]] = set()
    for release, entries in audited.added.items():
        for entry in entries:
            missed = tuple(sorted(_missed(audited, release, entry)))
            cause = (table_name(release, entry.driver), entry.property, *missed)
            if missed and cause not in seen:
                seen.add(cause)
                yield _audit(audited, release, entry, missed)


def _missed(audited: IndexedFacts, release: Release, entry: CompatEntry) -> Iterator[str]:
    """Siblings with the same property and default to which no table gives the entry's value."""
    default = _default(audited, entry.driver, entry.property)
    for sibling in _siblings(audited, entry) if default is not None else ():
        steps = audited.steps.get((sibling, entry.property), {})
        if (
            release not in steps
            and entry.value not in steps.values()
            and _default(audited, sibling, entry.property) == default
            and was_introduced(sibling, release)
        ):
            yield sibling


def _siblings(audited: IndexedFacts, entry: CompatEntry) -> tuple[str, ...]:
    """Concrete types of the nearest parent, if the property is one of all of them."""
    fact = audited.facts.types.get(entry.driver)
    if fact is None or fact.is_abstract or not fact.ancestors:
        return ()
    family = audited.children.get(fact.ancestors[0], ())
    is_theirs = all(audited.has_property((type, entry.property)) for type in family)
    return family if is_theirs and len(family) <= LARGEST_FAMILY else ()


def _default(audited: IndexedFacts, type: str, property: str) -> str | None:
    fact = audited.facts.types.get(type)
    return fact.properties.get(property) if fact else None


def _audit(
    audited: IndexedFacts, release: Release, entry: CompatEntry, missed: tuple[str, ...]
) -> Audit:
    stem = entry.driver
    for variant in VARIANTS:
        stem = stem.removesuffix(variant)
    is_variant = any(type.removeprefix(stem) in ("", *VARIANTS) for type in missed)
    return Audit(
        lint=LINT,
        severity="suspicious",
        certainty="likely" if is_variant else "possible",
        explanation=f"The entry {entry.driver}.{entry.property}={entry.value} leaves out "
        f"{', '.join(missed)}, with the same parent, property and default: if the change was "
        "made in the parent, their older machine types have the newer value",
        driver=entry.driver,
        property=entry.property,
        types=missed,
        machines=tuple(
            name
            for machines in audited.families.values()
            for each, name in machines.items()
            if each <= release
        ),
        value=_default(audited, missed[0], entry.property),
        entries=tuple(CompatEntry(type, entry.property, entry.value) for type in missed),
        table=table_name(release, entry.driver),
    )
