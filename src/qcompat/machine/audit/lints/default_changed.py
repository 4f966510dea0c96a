"""An older machine type gives a property another value than the reference build does.

Compat tables exist to prevent that: whoever changes a default adds an entry for the machine types
before it (docs/devel/migration/compatibility.rst). A guest that comes from the
reference build sees other hardware; whether the load fails depends on what the property does
(`rules` find that in portraits). Found so: virtio-rng-pci's vectors in 7.2.0 (fixed by
bad9c5a516).
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.machine.audit.cause import Cause, as_audit, causes
from qcompat.machine.audit.finding import Audit
from qcompat.machine.audit.pair import Pair
from qcompat.machine.audit.release import show_release

LINT = "default_changed"


def find(pair: Pair) -> Iterator[Audit]:
    for cause in causes(pair):
        if cause.shape in ("default", "lost"):
            yield as_audit(cause, pair, LINT, cause.newest.reference, _explain(cause, pair))


def _explain(cause: Cause, pair: Pair) -> str:
    newest = cause.newest
    release = show_release(newest.release)
    if cause.shape == "lost":
        lacking = f"the reference keeps another value for machine types up to {release}"
    elif cause.below:
        lacking = (
            f"entries of older tables reach only machine types up to {show_release(cause.below)}"
        )
    else:
        lacking = "no compat entry keeps the older value"
    here, there = newest.value or "empty", newest.reference or "empty"
    return (
        f"{cause.property} of machine types up to {release} is {here} in {pair.audited.name} and "
        f"{there} in {pair.reference.name}: {lacking}. "
        "A guest that moves between them sees other hardware or another state format"
    )
