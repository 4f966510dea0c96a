"""Group testing: which types a build can make, in groups as large as it takes.

Pure except for the given `Attempt`. A refusal that names a type costs one attempt on that type
alone; one that names none costs halving. The result is a `GroupPlan`, so that the next machine
type is asked in groups that are known to work.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from qcompat.machine.model import Values

LARGEST_GROUP = 36
"""Devices in a guest. QEMU starts in 0.1 s and takes 5 ms more for each, until at about 60 the
address spaces of all begin to cost: 180 devices take 6 s (10.0.13, two cores)."""

Group = tuple[str, ...]
Seen = Mapping[str, Mapping[str, Values]]
"""By requested type: the values of it and of the devices that it makes (children), by type."""


class Failure(msgspec.Struct, frozen=True):
    """No guest with this group, and why; `culprit` is the type that QEMU names, if any."""

    reason: str
    culprit: str = ""


Attempt = Callable[[Group], Awaitable[Seen | Failure]]


class GroupPlan(msgspec.Struct, frozen=True):
    """The groups to try, in order, and the types not to try, with the reason."""

    groups: tuple[Group, ...]
    refused: Mapping[str, str] = {}


@dataclass
class GroupResults:
    """The results of a plan: what was seen, what was refused, and the groups that worked.

    `leftover` are groups of types that work alone, but not in the planned groups they were in.
    """

    seen: dict[str, Mapping[str, Values]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)
    leftover: list[Group] = field(default_factory=list)

    @property
    def again(self) -> GroupPlan:
        """What to try next to learn more: the leftover may fit into earlier groups."""
        first, *others = self.groups or [()]
        left = tuple(type_ for group in self.leftover for type_ in group)
        return _plan((*first, *left), *others, tuple(self.refused))

    @property
    def learned(self) -> GroupPlan:
        """The groups that worked, and all that was refused as one group."""
        return _plan(*self.groups, *self.leftover, tuple(self.refused))


def _plan(*groups: Group) -> GroupPlan:
    return GroupPlan(tuple(group for group in groups if group))


def without_refused(plan: GroupPlan, refused: Sequence[Mapping[str, str]]) -> GroupPlan:
    """The plan without the types that were refused every time they were tried."""
    never = dict(refused[0]) if refused else {}
    for more in refused[1:]:
        never = {type_: reason for type_, reason in never.items() if type_ in more}
    groups = (tuple(type_ for type_ in group if type_ not in never) for group in plan.groups)
    return GroupPlan(_plan(*groups).groups, never)


async def try_groups(plan: GroupPlan, attempt: Attempt) -> GroupResults:
    """Try every group of the plan and split those that fail.

    Types that work alone but not beside others of their group join the next one, and after the
    last one they are a group of their own.
    """
    results = GroupResults(refused=dict(plan.refused))
    waiting = list(plan.groups)
    apart: list[str] = []
    while waiting or apart:
        planned = waiting.pop(0) if waiting else ()
        group = (*planned, *apart)
        apart.clear()
        went = await _rejoined(await _try_group(group, attempt, results, apart), attempt)
        (results.groups if planned else results.leftover).extend(went)
    return results


async def _try_group(
    group: Group, attempt: Attempt, results: GroupResults, apart: list[str]
) -> tuple[Group, ...]:
    """Attempt a group until it works, whole or in parts, and return what worked.

    Types that had to leave are refused, or in `apart`.
    """
    while group:
        answer = await attempt(group)
        if not isinstance(answer, Failure):
            results.seen.update(answer)
            return (group,)
        if len(group) == 1:
            results.refused[group[0]] = answer.reason
            return ()
        if answer.culprit not in group:
            middle = len(group) // 2
            front = await _try_group(group[:middle], attempt, results, apart)
            return (*front, *await _try_group(group[middle:], attempt, results, apart))
        group = tuple(type_ for type_ in group if type_ != answer.culprit)
        if await _works_alone(answer.culprit, attempt, results):
            apart.append(answer.culprit)
    return ()


async def _rejoined(parts: tuple[Group, ...], attempt: Attempt) -> tuple[Group, ...]:
    """The parts of a group that was halved, as one if it works now without those refused."""
    whole = tuple(type_ for part in parts for type_ in part)
    if len(parts) < 2 or isinstance(await attempt(whole), Failure):
        return parts
    return (whole,)


async def _works_alone(type_: str, attempt: Attempt, results: GroupResults) -> bool:
    if type_ in results.seen:
        return True
    answer = await attempt((type_,))
    if isinstance(answer, Failure):
        results.refused[type_] = answer.reason
        return False
    results.seen.update(answer)
    return True


def values_by_type(seen: Seen) -> Mapping[str, Values]:
    """All values by type. Of a type that several make, the one of the shortest parent name counts.

    A device that was asked for counts before one that another made: `virtio-blk-pci` makes the
    `virtio-blk-device` that counts, `virtio-blk-pci-transitional` does not.
    """
    devices = {type_: said[type_] for type_, said in seen.items()}
    for _, said in sorted(seen.items(), key=lambda item: (len(item[0]), item[0])):
        for type_, values in said.items():
            devices.setdefault(type_, values)
    return devices


def first_groups(types: Sequence[str]) -> tuple[Group, ...]:
    """Groups of at most `LARGEST_GROUP`, dealt out in turn: neighbours in the list often conflict.

    (Two IPMI interfaces, three balloons: a guest takes one of them.)
    """
    number = -(-len(types) // LARGEST_GROUP)
    return tuple(tuple(types[start::number]) for start in range(number))
