"""The ends run different machine types, and the target checks the name.

The check is a prefix comparison over the length of the name received, so `pc-q35-7.2` passes on a
machine called `pc-q35-7.2.1` (migration/savevm.c `configuration_post_load`, 5.2 to 11.1).
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.guest import MachineDiffers
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import GUEST

RULE = Rule(
    id="machine_type_changed",
    stage="configuration",
    position=1,
    effect=Effect(
        "now",
        "the machine of the target is another one as soon as the guest runs; the other rules "
        "say what it changes",
    ),
    says={
        "": "The target refuses the stream: the machine types differ ({source} on the source, "
        "{target} on the target)",
        "passes": "The guest moves to another machine type ({source} on the source, {target} on "
        "the target), which the target accepts",
    },
    foretells=("machine type",),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(MachineDiffers):
        passes = difference.target.startswith(difference.source)
        yield Finding(
            rule=RULE.id,
            promise="unchanged" if passes else "loads",
            certainty="certain",
            subject=GUEST,
            case="passes" if passes else "",
            args={"source": difference.source, "target": difference.target},
            evidence=(Evidence("machine type", difference.source, difference.target),),
            remedy=f"-machine {difference.source}",
        )
