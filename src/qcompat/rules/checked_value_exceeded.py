"""A field that the target takes only up to its own value arrives with a greater one.

Fields of the type `int32 le` (migration/vmstate-types.c `get_int32_le`: refused unless
0 <= received <= own), such as a PCI device's own version, and those of `checked_fields.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.layout import FieldDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.loading.checked import relation_of
from qcompat.rules.subject import name_of, state_of
from qcompat.stream.layout import value

RULE = "checked_value_exceeded"


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(FieldDiffers):
        if relation_of(difference) != "le":
            continue
        sent, own = value(difference.source), value(difference.target)
        if not isinstance(sent, int) or not isinstance(own, int) or 0 <= sent <= own:
            continue
        field = f"{state_of(difference.idstr)}: {difference.target.path}"
        yield Finding(
            rule=RULE,
            promise="loads",
            certainty="certain",
            device=name_of(comparison.source, difference.idstr),
            summary=f"The target refuses the stream: {field} may be at most {own}, "
            f"the source sends {sent}",
            evidence=(Evidence(field, str(sent), str(own)),),
        )
