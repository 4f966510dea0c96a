"""The target cannot run this guest at all: it refuses to start it, or crashes while starting."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.refusal import RefusalDiffers
from qcompat.guest.base_type import base_of
from qcompat.portrait.portrait import Portrait
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.guest.refusal import advice, first_line
from qcompat.rules.rule import Rule
from qcompat.rules.subject import GUEST

RULE = Rule(
    id="guest_missing_on_target",
    stage="start",
    position=2,
    says={
        "start": "The target refuses to start this guest, so nothing can be migrated to it: "
        "{message}",
        "gone": "The target refuses to start this guest, so nothing can be migrated to it: "
        "{message}. {advice}",
        "revision": "The target does not know {machine}, a machine type of Proxmox VE, so nothing "
        "can be migrated to it. --base-type asks about {base}, on which that is based: {message}",
        "crash": "The target crashes on this guest, so nothing can be migrated to it: {message}",
        "wait": "It is not known whether the target loads this guest. It starts the guest only to "
        "wait for a migration, so there is no state to compare: {message}",
        "host": "It is not known whether the target starts this guest: the machine on which its "
        "portrait was taken could not run it: {message}",
    },
    foretells=("processor", "not startable"),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(RefusalDiffers):
        refusal = difference.target
        if refusal is None or refusal.has_started:
            continue
        case = _case(comparison.target)
        is_open = case in ("host", "wait")
        machine = comparison.target.guest.machine
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="possible" if is_open else "certain",
            subject=GUEST,
            case=case,
            args={
                "message": first_line(refusal),
                "machine": machine,
                "base": base_of(machine),
                "advice": advice(refusal),
            },
            evidence=(Evidence("QEMU's message at start", None, refusal.message),),
            undecided=is_open,
        )


def _case(target: Portrait) -> str:
    assert target.refusal is not None, "it is the difference"
    if target.shortage:
        return "host"
    unknown = f'unsupported machine type: "{target.guest.machine}"'
    is_revised = bool(base_of(target.guest.machine)) and unknown in target.refusal.message
    if is_revised:
        return "revision"
    is_gone = target.refusal.stage == "start" and advice(target.refusal)
    return "gone" if is_gone else target.refusal.stage
