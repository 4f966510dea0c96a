"""A compat entry reaches a type without that property: QEMU aborts when such a device is made.

Entries of machine types are set with `error_abort` (object_apply_compat_props, qom/object.c,
5.2 to 11.1) unless they are optional. Found so: scsi-disk-base.migrate-emulated-scsi-request
during the development of 9.1, which scsi-block does not have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from qcompat.machine.audit.entries import TabledEntry, tabled_entries
from qcompat.machine.audit.finding import Audit
from qcompat.machine.audit.indexed_facts import IndexedFacts
from qcompat.machine.model import CompatEntry
from qcompat.machine.resolve import aborting_entries

LINT = "entry_property_missing"


def find(audited: IndexedFacts, others: Sequence[IndexedFacts]) -> Iterator[Audit]:
    del others
    if not audited.has_tables:
        return
    rows = {row.entry: row for row in tabled_entries(audited)}
    found: defaultdict[CompatEntry, list[str]] = defaultdict(list)
    for entry, type in aborting_entries(audited.facts.types, tuple(rows)):
        found[entry].append(type)
    for entry, types in found.items():
        yield _audit(audited, rows[entry], tuple(sorted(types)))


def _audit(audited: IndexedFacts, row: TabledEntry, types: tuple[str, ...]) -> Audit:
    entry = row.entry
    having = sorted({type for type, _ in audited.meant_by(entry)} - set(types))
    return Audit(
        lint=LINT,
        severity="breaks",
        certainty="certain",
        explanation=f"The entry {entry.driver}.{entry.property}={entry.value} reaches "
        f"{', '.join(types)}, which has no such property: QEMU aborts when such a device is made "
        "under one of these machine types. Name only types that have it",
        driver=entry.driver,
        property=entry.property,
        types=types,
        machines=row.machines,
        entries=tuple(CompatEntry(name, entry.property, entry.value) for name in having),
        table=row.table,
    )
