"""Entries that may or may not work: the facts do not say.

Properties that a build does not list (`legacy-*`, up to 10.2), types without listed properties,
and all entries of a build that reports no tables. None of them is known to be wrong, and none is
known to be right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qcompat.machine.audit.entries import TabledEntry, tabled_entries
from qcompat.machine.audit.finding import Audit
from qcompat.machine.audit.indexed_facts import IndexedFacts
from qcompat.machine.model import CompatEntry

LINT = "entry_unproven"


def find(audited: IndexedFacts, others: Sequence[IndexedFacts]) -> Iterator[Audit]:
    del others
    if not audited.has_tables:
        yield _audit(
            f"{audited.name} does not report its tables (query-machines has them from 9.1 on): "
            "entries that name nothing or reach too few types cannot be found"
        )
        return
    for row in tabled_entries(audited):
        if reason := _reason(audited, row.entry):
            yield _audit(
                f"Whether {row.entry.driver}.{row.entry.property} works is unknown: {reason}", row
            )


def _reason(audited: IndexedFacts, entry: CompatEntry) -> str:
    reached = audited.reach.get(entry.driver, ())
    told = {audited.has_property((type, entry.property)) for type in reached}
    if told != {None}:
        return ""
    if any(audited.facts.types[type].properties for type in reached):
        return "the build does not list properties of this name"
    return "no type that it reaches lists its properties"


def _audit(explanation: str, row: TabledEntry | None = None) -> Audit:
    return Audit(
        lint=LINT,
        severity="unknown",
        certainty="possible",
        explanation=explanation,
        driver=row.entry.driver if row else "",
        property=row.entry.property if row else "",
        machines=row.machines if row else (),
        value=row.entry.value if row else None,
        table=row.table if row else "",
    )
