"""State that a guest brought along and its build would not give it: what, and what clears it.

Such state is no property: no mark restores or removes it. It is found by comparing what the
guest carries with what the build where it lives makes of it afresh.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from qcompat.compare.comparison import compare
from qcompat.compare.virtio import QueuesDiffer
from qcompat.lineage.carried import Carried
from qcompat.lineage.standing import stand
from qcompat.portrait.portrait import Portrait
from qcompat.rules.subject import Subject, subject_of


class Infection(msgspec.Struct, frozen=True):
    """Something that a device carries from elsewhere.

    `what` names it (`size of queue 0`), `carries` is the guest's value, `here` that of the build
    it lives on, both as text. `is_sure` is false where a reset since may have cleared it.
    """

    subject: Subject
    what: str
    carries: str
    here: str
    is_sure: bool = True


def infections(guest: Carried, own: Portrait) -> tuple[Infection, ...]:
    """What the guest carries that its build, which by itself makes `own` of it, would not give."""
    sure = tuple(_infections(guest.portrait, own, is_sure=True))
    places = {(each.subject.thing, each.what) for each in sure}
    former = (each for one in guest.former for each in _infections(one, own, is_sure=False))
    more = {(each.subject.thing, each.what): each for each in former}
    return (*sure, *(each for place, each in more.items() if place not in places))


def cures(target: str, fresh: Mapping[str, Portrait]) -> tuple[str, ...]:
    """The builds on which a guest that is powered off and started anew could go to `target`.

    `fresh` has the portrait of the guest, without marks, on each build by name. The target
    itself counts: a guest that starts there is there.
    """
    return tuple(
        name
        for name, portrait in fresh.items()
        if portrait.refusal is None
        and (name == target or stand(Carried(portrait), fresh[target]).verdict in ("ok", "drift"))
    )


def _infections(carried: Portrait, own: Portrait, *, is_sure: bool) -> Iterator[Infection]:
    for difference in compare(carried, own).of(QueuesDiffer):
        subject = subject_of(own, difference.idstr)
        pairs = zip(difference.source, difference.target, strict=False)
        for index, (one, other) in enumerate(pairs):
            if one.now != other.now:
                yield Infection(
                    subject, f"size of queue {index}", str(one.now), str(other.now), is_sure
                )


def by_device(found: Iterable[Infection]) -> Mapping[Subject, tuple[Infection, ...]]:
    """The infections of each device, in order."""
    devices: dict[Subject, tuple[Infection, ...]] = {}
    for each in found:
        devices[each.subject.thing] = (*devices.get(each.subject.thing, ()), each)
    return devices
