"""The audited build has an entry in a release's table that another build of it lacks.

Each such entry is a break that was released: the other build has the change without the entry.
Guests that were started on it, with a machine type up to that release, carry the newer value; they
and those from other builds now need different ones. Found so:
x-ats-page-aligned in hw_compat_5_1 (6.0, d83f46d189), which 5.2.0 lacks.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.machine.audit.absent_entries import Lacking, lacking
from qcompat.machine.audit.cause import as_audit, causes
from qcompat.machine.audit.entries import cover, entries_for
from qcompat.machine.audit.finding import Audit
from qcompat.machine.audit.pair import Pair
from qcompat.machine.audit.release import Release, show_release, table_name

LINT = "entry_added_late"


def find(pair: Pair) -> Iterator[Audit]:
    for cause in causes(pair):
        if cause.shape == "late":
            newest = cause.newest
            why = _explain(pair, cause.property, newest.release, newest.value)
            why += f"; it gives them {newest.reference}"
            yield as_audit(cause, pair, LINT, newest.value, why)
    for step in lacking(pair):
        yield _of_step(step, pair)


def _of_step(step: Lacking, pair: Pair) -> Audit:
    driver = cover(pair, step.property, step.types)
    lacks = "it has the property but no entry" if step.has_property else "it lacks the property too"
    return Audit(
        lint=LINT,
        severity="breaks",
        certainty="likely" if step.has_property else "possible",
        explanation=_explain(pair, step.property, step.release, step.value) + f"; {lacks}",
        driver=driver,
        property=step.property,
        types=step.types,
        machines=tuple(
            name
            for every in pair.shared.values()
            for release, name in every.items()
            if release <= step.release
        ),
        value=step.value,
        against=(pair.reference.name,),
        entries=entries_for(driver, step.types, step.property, step.value),
        table=table_name(step.release, driver or step.types[0]),
    )


def _explain(pair: Pair, property: str, release: Release, value: str) -> str:
    table = show_release(release)
    return (
        f"{pair.audited.name} sets {property} to {value} for machine types up to {table}, "
        f"{pair.reference.name} does not though it has newer ones: either it has the change and "
        "lacks the entry, and guests of these machine types that started there carry the newer "
        f"behaviour; or the change came later, and the entry must reach machine types after {table}"
    )
