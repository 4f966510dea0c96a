"""A compat entry names a type that the build does not have: it silently does nothing.

`object_apply_global_props` (qom/object.c, 5.2 to 11.1) ignores drivers that match no
object, so that nobody notices a spelling error. Most such entries are for types of another
architecture's binary, of a module that is not installed, or removed since: those are
harmless. Found so: pflash_cfi01 (the type is cfi.pflash01), vhost-blk-device.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from fnmatch import fnmatchcase

from qcompat.machine.audit.finding import Audit
from qcompat.machine.audit.indexed_facts import IndexedFacts
from qcompat.machine.audit.known import known
from qcompat.machine.audit.release import table_name
from qcompat.machine.model import CompatEntry
from qcompat.machine.resolve import dead_entries

LINT = "entry_driver_missing"


def find(audited: IndexedFacts, others: Sequence[IndexedFacts]) -> Iterator[Audit]:
    if not audited.has_tables or not audited.facts.types:
        return
    found: defaultdict[str, dict[CompatEntry, list[str]]] = defaultdict(dict)
    for machine, table in audited.facts.tables.items():
        for entry in dead_entries(audited.facts.types, table):
            found[entry.driver].setdefault(entry, []).append(machine)
    for driver, entries in sorted(found.items()):
        yield _audit(audited, driver, entries, others)


def _audit(
    audited: IndexedFacts,
    driver: str,
    entries: dict[CompatEntry, list[str]],
    others: Sequence[IndexedFacts],
) -> Audit:
    excuse = _excuse(driver, others)
    meant = () if excuse else tuple(_meant(audited, entries))
    why = excuse or (
        "the same property belongs to " + ", ".join(sorted({each.driver for each in meant}))
        if meant
        else "no other build that was given has it either"
    )
    return Audit(
        lint=LINT,
        severity="harmless" if excuse else "suspicious",
        certainty="certain" if not excuse else "likely",
        explanation=f"{len(entries)} entries name {driver}, which {audited.name} does not have: "
        f"they do nothing there; {why}",
        driver=driver,
        property=", ".join(sorted({entry.property for entry in entries})),
        machines=tuple(sorted({machine for each in entries.values() for machine in each})),
        entries=meant,
        table=_tables(audited, driver),
    )


def _excuse(driver: str, others: Sequence[IndexedFacts]) -> str:
    for part in known().elsewhere:
        if any(fnmatchcase(driver, pattern) for pattern in part.drivers):
            return f"only binaries of {part.architecture} have it ({part.source})"
    having = [other.name for other in others if driver in other.facts.types]
    return (
        f"{', '.join(having)} has it: it was removed, or its module is not installed"
        if having
        else ""
    )


def _meant(audited: IndexedFacts, entries: dict[CompatEntry, list[str]]) -> Iterator[CompatEntry]:
    """Entries for the build's types with the property and a similar name."""
    for entry in entries:
        having = [
            name
            for name, fact in audited.facts.types.items()
            if entry.property in fact.properties and not fact.is_abstract
        ]
        for name in having:
            if _letters(name) == _letters(entry.driver) or _is_close(name, entry.driver):
                yield CompatEntry(name, entry.property, entry.value)


def _letters(name: str) -> str:
    """The parts of a name may be in another order (`pflash_cfi01`, `cfi.pflash01`)."""
    return "".join(sorted(each for each in name if each.isalnum()))


def _is_close(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other).ratio() > 0.9


def _tables(audited: IndexedFacts, driver: str) -> str:
    found = [
        table_name(release, driver)
        for release, entries in audited.added.items()
        if any(entry.driver == driver for entry in entries)
    ]
    return ", ".join(dict.fromkeys(reversed(found)))
