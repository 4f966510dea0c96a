"""A field that the target requires to be equal to its own value is not.

Fields of the types `… equal` (migration/vmstate-types.c: `… != …`) and those that a hook
compares (`checked_fields.toml`). They carry what must be configured alike: numbers of ports,
queues, timers.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.layout import FieldDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.loading.checked import relation_of
from qcompat.rules.subject import name_of, state_of
from qcompat.stream.layout import value

RULE = "checked_value_changed"


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(FieldDiffers):
        if relation_of(difference) != "equal":
            continue
        sent, own = str(value(difference.source)), str(value(difference.target))
        field = f"{state_of(difference.idstr)}: {difference.target.path}"
        yield Finding(
            rule=RULE,
            promise="loads",
            certainty="certain",
            device=name_of(comparison.source, difference.idstr),
            summary=f"The target refuses the stream: {field} must be equal on both ends, "
            f"the source sends {sent}, the target has {own}",
            evidence=(Evidence(field, sent, own),),
        )
