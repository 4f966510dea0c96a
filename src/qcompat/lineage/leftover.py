"""State left over from earlier builds, which a fresh start would not have, and what clears it.

Such state is no property: no mark restores or removes it. It is found by comparing what the
guest carries with a fresh start on the build where it runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from qcompat.compare.comparison import compare
from qcompat.compare.virtio import QueuesDiffer
from qcompat.lineage.carried import Carried
from qcompat.lineage.verdict import verdict_on
from qcompat.portrait.portrait import Portrait
from qcompat.rules.subject import Subject, subject_of


class Leftover(msgspec.Struct, frozen=True):
    """State that a device carries from an earlier build.

    `what` names it (`size of queue 0`), `carries` is the guest's value, `here` that of a fresh
    start on its build, both as text. `is_sure` is false where a reset since may have cleared it.
    """

    subject: Subject
    what: str
    carries: str
    here: str
    is_sure: bool = True


def leftovers(guest: Carried, own: Portrait) -> tuple[Leftover, ...]:
    """What the guest carries that its build would not give it; `own` is a fresh start there."""
    sure = tuple(_leftovers(guest.portrait, own, is_sure=True))
    places = {(each.subject.thing, each.what) for each in sure}
    former = (each for one in guest.former for each in _leftovers(one, own, is_sure=False))
    more = {(each.subject.thing, each.what): each for each in former}
    return (*sure, *(each for place, each in more.items() if place not in places))


def builds_that_clear(target: str, fresh: Mapping[str, Portrait]) -> tuple[str, ...]:
    """The builds from which the guest, powered off and started afresh there, could go to `target`.

    `fresh` has the portrait of the guest, without marks, on each build by name. The target
    counts too: a guest that starts there is there.
    """
    return tuple(
        name
        for name, portrait in fresh.items()
        if portrait.refusal is None
        and (
            name == target
            or verdict_on(Carried(portrait), fresh[target]).verdict in ("ok", "drift")
        )
    )


def _leftovers(carried: Portrait, own: Portrait, *, is_sure: bool) -> Iterator[Leftover]:
    for difference in compare(carried, own).of(QueuesDiffer):
        subject = subject_of(own, difference.idstr)
        pairs = zip(difference.source, difference.target, strict=False)
        for index, (one, other) in enumerate(pairs):
            if one.now != other.now:
                yield Leftover(
                    subject, f"size of queue {index}", str(one.now), str(other.now), is_sure
                )


def by_device(found: Iterable[Leftover]) -> Mapping[Subject, tuple[Leftover, ...]]:
    """The leftovers of each device, in order."""
    devices: dict[Subject, tuple[Leftover, ...]] = {}
    for each in found:
        devices[each.subject.thing] = (*devices.get(each.subject.thing, ()), each)
    return devices
