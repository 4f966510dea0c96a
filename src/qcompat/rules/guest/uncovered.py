"""Parts of the guest that no portrait shows, and what each build says of a device among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from qcompat.builds.facts import StateDescription
from qcompat.compare.comparison import Comparison
from qcompat.guest.guest import Loss, Uncovered
from qcompat.portrait.portrait import Portrait
from qcompat.rules.finding import Arg, Certainty, Evidence, Finding
from qcompat.rules.subject import GUEST, Subject

_T = TypeVar("_T")
_TRANSPORTS = ("-pci", "-pci-transitional", "-pci-non-transitional", "-ccw")


def uncovered_parts(comparison: Comparison, *losses: Loss) -> tuple[Uncovered, ...]:
    """The parts of either end's guest that lose one of these, each once."""
    guests = (comparison.source.guest, comparison.target.guest)
    every = dict.fromkeys(part for guest in guests for part in guest.uncovered)
    return tuple(part for part in every if part.loses in losses)


def missing_devices(comparison: Comparison) -> tuple[Uncovered, ...]:
    """The devices that are left out, one part for each."""
    parts = uncovered_parts(comparison, "migration", "state", "view")
    return tuple({part.subject: part for part in reversed(parts) if part.device}.values())


def said_by_ends(
    comparison: Comparison, ask: Callable[[Portrait, Uncovered], _T]
) -> Iterator[tuple[Uncovered, _T, _T, str]]:
    """Each device that is left out and of which an end says something, as `ask` finds it.

    With what source and target say, and the case of the finding: `source`, `target` or `both`.
    """
    for part in missing_devices(comparison):
        here, there = ask(comparison.source, part), ask(comparison.target, part)
        if here or there:
            yield part, here, there, "both" if here and there else "source" if here else "target"


def subject_of(part: Uncovered) -> Subject:
    """The device, where the part is one."""
    return Subject("device", part.device) if part.device else GUEST


def evidence_of(part: Uncovered, comparison: Comparison) -> Evidence:
    """The part, on each end that has it."""
    ends = (comparison.source.guest, comparison.target.guest)
    source, target = ("given" if part in guest.uncovered else None for guest in ends)
    return Evidence(part.subject, source, target)


def finding_about(
    rule: str,
    part: Uncovered,
    comparison: Comparison,
    certainty: Certainty,
    *,
    args: Mapping[str, Arg],
    case: str = "",
    undecided: bool = False,
) -> Finding:
    """What a rule says of a part that no twin has, and on which ends it was given."""
    return Finding(
        rule=rule,
        promise="unchanged" if part.loses == "view" else "loads",
        certainty=certainty,
        subject=subject_of(part),
        case=case,
        args=args,
        evidence=(evidence_of(part, comparison),),
        undecided=undecided,
    )


def lacks_device(portrait: Portrait, part: Uncovered) -> bool:
    """Whether the build has no device of this type at all."""
    facts = portrait.facts
    if not part.device or not facts.devices or "devices" in facts.lost:
        return False
    return all(part.device not in (device.type, device.alias) for device in facts.devices)


def unmigratable_state(portrait: Portrait, part: Uncovered) -> str:
    """The name of the device's state, where the build describes it as not migratable; else empty.

    `-dump-vmstate` prints most such states without fields (migration/vmstate.h, `unmigratable`);
    in 5.2, 7.2 and 10.0 no other state is printed so.
    """
    return next((state.name for state in _states(portrait, part) if _is_bare(state)), "")


def _states(portrait: Portrait, part: Uncovered) -> Iterator[StateDescription]:
    """Of the device itself, and of the device behind its transport (`vhost-user-fs-device`)."""
    stem = next(
        (part.device.removesuffix(end) for end in _TRANSPORTS if part.device.endswith(end)), ""
    )
    for type_ in (part.device, stem, f"{stem}-device") if part.device else ():
        key = portrait.facts.type_states.get(type_, "")
        if key in portrait.facts.states:
            yield portrait.facts.states[key]


def _is_bare(state: StateDescription) -> bool:
    return not state.fields and not state.subsections
