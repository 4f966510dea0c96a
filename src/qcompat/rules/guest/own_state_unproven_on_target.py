"""The target, tried while its portrait was taken, does not load its own stream of this guest.

A build that cannot load its own stream is unlikely to load another build's: the load code of a
device crashes or refuses everything (isa-cirrus-vga up to 10.x ends in an assertion,
hw/display/cirrus_vga.c `cirrus_post_load` on the ISA bus). Where it fails in some tries only, or
does not end in time, nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.rules.advisories.advisory import advisories, affected
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
        "varies": "It is not known whether the target loads this guest. Of its own state of it, it "
        "loaded {loaded} of {tries} tries: {message}",
        "foreign": "It is not known whether the target loads this guest. It did not load its own "
        "state of it, but {title}, and what lies there differs from one stream to the next: "
        "{message}",
        "hung": "It is not known whether the target loads this guest. It did not load its own "
        "state of it in time: {message}",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    outcome = comparison.target.own_load
    if outcome is None or outcome.loads:
        return
    lines = outcome.message.strip().splitlines() or [outcome.kind]
    ends = comparison.target.own_loads
    case = "varies" if "loaded" in ends else "hung" if outcome.kind == "hung" else ""
    title = next(_foreign_state(comparison), "")
    case = "foreign" if title and not case else case
    yield Finding(
        rule=RULE.id,
        promise="loads",
        certainty="possible" if case else "likely",
        subject=GUEST,
        case=case,
        args={
            "message": lines[0],
            "loaded": ends.get("loaded", 0),
            "tries": sum(ends.values()) or 1,
            "title": title,
        },
        evidence=(Evidence("the target's load of its own stream", None, outcome.message),),
        undecided=bool(case),
    )


def _foreign_state(comparison: Comparison) -> Iterator[str]:
    """What is known of a device of the guest that leaves open how any of its states is loaded."""
    for advisory in advisories().values():
        if advisory.undecided and any(affected(advisory, comparison.source, comparison.target)):
            yield advisory.title
