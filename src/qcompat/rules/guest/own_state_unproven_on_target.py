"""The target, tried while its portrait was taken, does not load its own stream of this guest.

A build that cannot load its own stream is unlikely to load another build's: the load code of a
device crashes or refuses everything (isa-cirrus-vga up to 10.x ends in an assertion,
hw/display/cirrus_vga.c `cirrus_post_load` on the ISA bus).
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import GUEST

RULE = Rule(
    id="own_state_unproven_on_target",
    stage="start",
    position=6,
    says={
        "": "The target does not even load its own state of this guest, so it is unlikely to load "
        "the source's: {message}",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    outcome = comparison.target.own_load
    if outcome is None or outcome.loads:
        return
    lines = outcome.message.strip().splitlines() or [outcome.kind]
    yield Finding(
        rule=RULE.id,
        promise="loads",
        certainty="likely",
        subject=GUEST,
        args={"message": lines[0]},
        evidence=(Evidence("the target's load of its own stream", None, outcome.message),),
    )
