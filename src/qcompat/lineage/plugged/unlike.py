"""Where a twin of the guest of now is not the guest: there its answers are no answers.

Devices, places of devices, processors and blocks of memory are compared, whether or not anything
was plugged: what cannot be put on a line (a device without an option of its own that is gone) must
make the answer unknown. A target's twin lacks it too, so that what it loads or refuses says nothing
either. What could not be asked of either is not compared.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.guest.guest import Uncovered
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.running.observed import HOT_PLUG, Observed

_ONLY_GUEST = "the running guest has it, and its twin has not"
_ONLY_TWIN = "it stands on the line, and the running guest has it no more"


def unlike(seen: Observed, twin: Portrait) -> tuple[Uncovered, ...]:
    """What the portrait of the twin does not show of the guest, or shows and the guest lacks."""
    return (*_devices(seen, twin), *_processors(seen, twin), *_memory(seen, twin))


def untold(seen: Observed) -> tuple[Uncovered, ...]:
    """That it is not known what came and went, where the guest does not tell."""
    reasons = [gap.reason for gap in seen.gaps if gap.part == HOT_PLUG]
    said = "what came and went since the start is not known"
    return tuple(Uncovered(HOT_PLUG, f"{said}: {reason}") for reason in reasons)


def _devices(seen: Observed, twin: Portrait) -> Iterator[Uncovered]:
    if not seen.devices or not twin.devices:
        return
    left_out = _left_out(twin)
    ours = {each.path: each for each in seen.devices}
    theirs = {each.path: each for each in twin.devices}
    for path in sorted(ours.keys() ^ theirs.keys()):
        one = ours.get(path) or theirs[path]
        if not any(type_ in path.split("/") or one.type == type_ for type_ in left_out):
            yield Uncovered(f"{one.type} at {path}", _ONLY_GUEST if path in ours else _ONLY_TWIN)


def _processors(seen: Observed, twin: Portrait) -> Iterator[Uncovered]:
    if twin.cpu and seen.cpu_count and seen.cpu_count != twin.cpu.count:
        reason = f"the running guest has {seen.cpu_count}, its twin has {twin.cpu.count}"
        yield Uncovered("processors", reason)


def _memory(seen: Observed, twin: Portrait) -> Iterator[Uncovered]:
    if not seen.memory or not twin.memory or _left_out(twin):  # what is left out has its own
        return
    ours = {each.name: each.maximum for each in seen.memory}
    theirs = {each.name: each.maximum for each in twin.memory}
    for name in sorted(ours.keys() ^ theirs.keys()):
        yield Uncovered(f"memory {name}", _ONLY_GUEST if name in ours else _ONLY_TWIN)


def _left_out(twin: Portrait) -> frozenset[str]:
    """The types of devices that no twin can have."""
    return frozenset(part.device for part in twin.guest.uncovered if part.device)
