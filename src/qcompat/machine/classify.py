"""Which case of QEMU's backwards compatibility a migration is.

QEMU's own documentation (docs/devel/migration/compatibility.rst) has six cases, by the machine
type and the two builds. Only machine types and the order of builds count here; portraits show what
follows for a real guest.

same_build_newest_machine  one build, its newest machine type: a failure is a plain bug
same_build_older_machine   one build, an older machine type
machine_newer_than_build   impossible: an end is older than the machine type
newer_to_older             the newer build must not show what the older one lacks
older_to_newer             the newer build must keep the older one's defaults
machine_unknown            an end does not have the machine type, or no longer
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, Protocol

import msgspec

from qcompat.arch.machine_type import parse_machine_type, relatives, versioned
from qcompat.builds.build import BuildIdentity
from qcompat.builds.facts import MachineFact

Case = Literal[
    "same_build_newest_machine",
    "same_build_older_machine",
    "machine_newer_than_build",
    "newer_to_older",
    "older_to_newer",
    "machine_unknown",
]


class KnowsMachines(Protocol):
    """What is known about one build: `BuildFacts` and `MachineFacts` fit."""

    @property
    def identity(self) -> BuildIdentity: ...

    @property
    def machines(self) -> tuple[MachineFact, ...]: ...


class Release(msgspec.Struct, frozen=True):
    """A build as far as its case depends on it; equal `digest` means the same build."""

    name: str
    version: str
    digest: str
    machines: tuple[str, ...]
    aliases: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, name: str, facts: KnowsMachines) -> Release:
        """The build called `name` with these facts."""
        identity = facts.identity
        return cls(
            name=name,
            version=identity.version,
            digest=identity.sha256,
            machines=tuple(machine.name for machine in facts.machines),
            aliases=tuple((m.alias, m.name) for m in facts.machines if m.alias),
        )

    def resolve(self, machine: str) -> str:
        """The machine type that a name means on this build: aliases differ between builds."""
        return dict(self.aliases).get(machine, machine)


class Classified(msgspec.Struct, frozen=True):
    """The case of one hop, in words for its reader.

    `machine` is the machine type, aliases resolved by the source. `lacking` is the end that
    does not have it, `first` the first known build that does; both may be empty.
    """

    case: Case
    machine: str
    source: str
    target: str
    summary: str
    lacking: str = ""
    first: str = ""


class ClassifiedChain(msgspec.Struct, frozen=True):
    """The hops of a chain, each with its case, and what holds for all of it.

    `birth` is the build on which the guest was started, whose values have to hold at every stop:
    `carried_by` are the hops (counted from 0) between two other builds.
    """

    birth: str
    machine: str
    hops: tuple[Classified, ...]
    carried_by: tuple[int, ...]
    summary: str


def classify(
    machine: str, source: Release, target: Release, known: Sequence[Release] = ()
) -> Classified:
    """The case of a migration of a guest of type `machine` from `source` to `target`.

    `known` are the builds in which the first one with a missing machine type is looked up.
    """
    resolved = source.resolve(machine)
    for end in (source, target):
        if resolved not in end.machines:
            return _lacking(resolved, source, target, end, (*known, source, target))
    case, summary = _possible(resolved, source, target)
    return Classified(case, resolved, source.name, target.name, summary)


def classify_chain(
    machine: str, stops: Sequence[Release], known: Sequence[Release] = ()
) -> ClassifiedChain:
    """The cases of a chain of at least two builds, and what the first requires of every stop."""
    birth = stops[0]
    resolved = birth.resolve(machine)
    pairs = list(pairwise(stops))
    hops = tuple(classify(resolved, source, target, known) for source, target in pairs)
    carried = tuple(
        number
        for number, ends in enumerate(pairs)
        if all(end.digest != birth.digest for end in ends)
    )
    return ClassifiedChain(
        birth.name, resolved, hops, carried, _chain_summary(birth, resolved, pairs, carried)
    )


def version_of(machine: str) -> tuple[int, ...] | None:
    """The release of a versioned machine type; None for one without a version."""
    found = versioned(machine)
    return found.version if found else None


def _possible(machine: str, source: Release, target: Release) -> tuple[Case, str]:
    if source.digest == target.digest:
        if _is_newest(machine, source):
            return "same_build_newest_machine", (
                f"{source.name} at both ends with its newest machine type: this must work; if it "
                "does not, that is a bug"
            )
        return "same_build_older_machine", (
            f"{source.name} at both ends with the older {machine}: both treat it the same way, "
            "unless the guest was started on another build"
        )
    if _numbers(source.version) > _numbers(target.version):
        return "newer_to_older", (
            f"newer to older: {source.name} must present {machine} as {target.name} does, and "
            f"{target.name} cannot change any more"
        )
    summary = (
        f"older to newer: {target.name} must keep for {machine} the defaults that "
        f"{source.name} gave it"
    )
    if _numbers(source.version) == _numbers(target.version):
        summary = (
            f"two builds of version {source.version}, in either order: no machine type "
            "distinguishes them, only their packaging does"
        )
    return "older_to_newer", summary


def _lacking(
    machine: str, source: Release, target: Release, end: Release, known: Sequence[Release]
) -> Classified:
    having = sorted(
        {build for build in known if machine in build.machines},
        key=lambda build: (_numbers(build.version), build.name),
    )
    first = having[0].name if having else ""
    told = f"; of the known builds, {first} is the first to have it" if first else ""
    if _is_newer(machine, end):
        case: Case = "machine_newer_than_build"
        summary = f"impossible: {machine} is newer than {end.name}{told}"
    else:
        case = "machine_unknown"
        why = "no longer has it" if _is_older(machine, end) else "does not know it"
        summary = f"{machine}: {end.name} {why}{told}"
    return Classified(case, machine, source.name, target.name, summary, end.name, first)


def _chain_summary(
    birth: Release,
    machine: str,
    pairs: Sequence[tuple[Release, Release]],
    carried: Sequence[int],
) -> str:
    summary = f"started on {birth.name}: its values of {machine} must hold at every stop"
    same = [pairs[n] for n in carried if pairs[n][0].digest == pairs[n][1].digest]
    if same:
        summary += (
            f", also between {same[0][0].name} and {same[0][1].name}, although these are the "
            "same build"
        )
    return summary


def _is_newest(machine: str, build: Release) -> bool:
    asked = parse_machine_type(machine)
    return not any(asked.is_older_than(each) for each in relatives(machine, build.machines))


def _is_newer(machine: str, build: Release) -> bool:
    asked, known = parse_machine_type(machine), relatives(machine, build.machines)
    return bool(known) and known[-1].is_older_than(asked)


def _is_older(machine: str, build: Release) -> bool:
    asked, known = parse_machine_type(machine), relatives(machine, build.machines)
    return bool(known) and asked.is_older_than(known[0])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
