"""One entry is in the tables of two releases, depending on the build.

The machine types between them differ. Found so: virtio's use-disabled-flag, in hw_compat_4_1
up to 5.2 and in hw_compat_4_2 from 6.0 on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from qcompat.machine.audit.absent_entries import moved
from qcompat.machine.audit.cause import Cause, as_audit, causes
from qcompat.machine.audit.entries import cover, entries_for
from qcompat.machine.audit.finding import Audit
from qcompat.machine.audit.pair import Pair
from qcompat.machine.audit.release import Release, show_release, table_name

LINT = "entry_release_changed"


def find(pair: Pair) -> Iterator[Audit]:
    for cause in causes(pair):
        if cause.shape == "moved":
            yield as_audit(cause, pair, LINT, cause.newest.value, _explain(cause, pair))
    found: defaultdict[tuple[str, Release, Release, str], list[str]] = defaultdict(list)
    for (type, property), release, other, value in moved(pair):
        found[property, release, other, value].append(type)
    for (property, release, other, value), types in found.items():
        yield _of_tables(pair, property, (release, other), value, tuple(sorted(types)))


def _explain(cause: Cause, pair: Pair) -> str:
    newest, driver = cause.newest, cause.types[0]
    return (
        f"{cause.property} is {newest.value} in {pair.audited.name} and {newest.reference} in "
        f"{pair.reference.name} only for the machine types {', '.join(cause.machines)}: one build "
        f"has the entry in {table_name(newest.release, driver)}, the other in "
        f"{table_name(cause.below, driver)}"
    )


def _of_tables(
    pair: Pair, property: str, releases: tuple[Release, Release], value: str, types: tuple[str, ...]
) -> Audit:
    driver = cover(pair, property, types)
    name = driver or types[0]
    here, there = (table_name(release, name) for release in releases)
    between = (min(releases), max(releases))
    return Audit(
        lint=LINT,
        severity="suspicious",
        certainty="likely",
        explanation=f"{property}={value} is in {here} of {pair.audited.name} and in {there} of "
        f"{pair.reference.name}: machine types after {show_release(between[0])} up to "
        f"{show_release(between[1])} get it from only one of them",
        driver=driver,
        property=property,
        types=types,
        machines=tuple(
            machine
            for machines in pair.shared.values()
            for release, machine in machines.items()
            if between[0] < release <= between[1]
        ),
        value=value,
        against=(pair.reference.name,),
        entries=entries_for(driver, types, property, value),
        table=here,
    )
