"""Two hosts side by side: what one offers and the other does not. No opinion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from qcompat.errors import UsageError
from qcompat.guest.option import format_size
from qcompat.hosts.capture import HostCapture, parted
from qcompat.hosts.cpu.features.levels import level_of
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.models import version_of
from qcompat.hosts.cpu.offer import CpuOffer, offers_of
from qcompat.hosts.cpu.values import ValueDiffers, differing, told_by_some
from qcompat.hosts.machine import UNLIMITED, Machine


class ModelDiffers(msgspec.Struct, frozen=True):
    """A named model runs on one host only; what the other reports to lack of it."""

    model: str
    lacks: tuple[str, ...]


class DefinitionDiffers(msgspec.Struct, frozen=True):
    """The builds define one versioned model differently."""

    model: str
    only_source: tuple[str, ...]
    only_target: tuple[str, ...]


class CpuOfferComparison(msgspec.Struct, frozen=True):
    """One build of each host, under one accelerator.

    `models_lost` run only on the source, `models_gained` only on the target; models that one of
    the builds does not have at all are not among them. `levels` are the x86-64 levels, `untold`
    what only one of the two captures states, so that it cannot be called equal.
    """

    source: str
    target: str
    accelerator: str
    only_source: tuple[str, ...]
    only_target: tuple[str, ...]
    in_both: int
    levels: tuple[str, str]
    values: tuple[ValueDiffers, ...]
    models_lost: tuple[ModelDiffers, ...]
    models_gained: tuple[ModelDiffers, ...]
    definitions: tuple[DefinitionDiffers, ...]
    refusals: tuple[str | None, str | None]
    untold: tuple[str, ...] = ()

    @property
    def is_equal(self) -> bool:
        return not (
            self.only_source
            or self.only_target
            or self.values
            or self.models_lost
            or self.models_gained
            or self.definitions
            or self.untold
        )


class HostComparison(msgspec.Struct, frozen=True):
    """Both hosts: `facts` are kernel, microcode, processor and clock, (name, source, target)."""

    source: str
    target: str
    facts: tuple[tuple[str, str, str], ...]
    offers: tuple[CpuOfferComparison, ...]


def compare_hosts(
    source: HostCapture, target: HostCapture, *, accelerator: str | None = None
) -> HostComparison:
    """Errors: UsageError where no build of one is comparable with one of the other."""
    kinds = {build.accelerator for build in source.builds}
    kinds &= {build.accelerator for build in target.builds}
    kinds = kinds if accelerator is None else kinds & {accelerator}
    found = tuple(
        compared for kind in sorted(kinds) for compared in _compare_builds(source, target, kind)
    )
    if not found:
        raise UsageError(
            f"{source.name} and {target.name} were not asked under the same accelerator",
            f"{source.name}: {_told(source)}; {target.name}: {_told(target)}",
        )
    return HostComparison(source.name, target.name, tuple(_facts(source, target)), found)


def _told(host: HostCapture) -> str:
    return ", ".join(f"{build.build} {build.accelerator}" for build in host.builds) or "nothing"


def _compare_builds(
    source: HostCapture, target: HostCapture, accelerator: str
) -> list[CpuOfferComparison]:
    """Builds of the same name are compared, else every build with every other."""
    masks = FeatureMasks()
    ours = offers_of([source], masks, accelerator=accelerator)
    theirs = offers_of([target], masks, accelerator=accelerator)
    named = {offer.capture.build: offer for offer in theirs}
    same = [(one, named[one.capture.build]) for one in ours if one.capture.build in named]
    pairs = same or [(one, other) for one in ours for other in theirs]
    return [compare_offers(masks, one, other) for one, other in pairs]


def compare_offers(masks: FeatureMasks, source: CpuOffer, target: CpuOffer) -> CpuOfferComparison:
    """What one build on one host offers, and what another on another."""
    names = (masks.names(source.features), masks.names(target.features))
    return CpuOfferComparison(
        source=source.name,
        target=target.name,
        accelerator=source.capture.accelerator,
        only_source=masks.names(source.features & ~target.features),
        only_target=masks.names(target.features & ~source.features),
        in_both=(source.features & target.features).bit_count(),
        levels=(level_of(names[0]), level_of(names[1])),
        values=differing((source, target)),
        models_lost=_lost(source, target),
        models_gained=_lost(target, source),
        definitions=tuple(_definitions(source, target)),
        refusals=(source.capture.refusal, target.capture.refusal),
        untold=tuple(_untold(source, target)),
    )


def _untold(source: CpuOffer, target: CpuOffer) -> Iterator[str]:
    yield from told_by_some((source, target))
    if (source.unavailable is None) != (target.unavailable is None):
        yield "models that run"


def _lost(source: CpuOffer, target: CpuOffer) -> tuple[ModelDiffers, ...]:
    """Models that run on the source and that the target's build has but cannot run."""
    ours, theirs = source.capture.unavailable, target.capture.unavailable
    return tuple(
        ModelDiffers(model, parted(theirs[model]))
        for model in sorted(ours, key=version_of)
        if not ours[model] and theirs.get(model)
    )


def _definitions(source: CpuOffer, target: CpuOffer) -> list[DefinitionDiffers]:
    """Where both captures have definitions; a feature that one build has no name for is no
    difference."""
    ours, theirs = source.capture.definitions, target.capture.definitions
    here, there = set(source.capture.known), set(target.capture.known)
    found = []
    for model in sorted(ours.keys() & theirs.keys(), key=version_of):
        one, other = set(ours[model].names), set(theirs[model].names)
        only = tuple(sorted((one - other) & there)), tuple(sorted((other - one) & here))
        if any(only):
            found.append(DefinitionDiffers(model, *only))
    return found


def _facts(source: HostCapture, target: HostCapture) -> Sequence[tuple[str, str, str]]:
    ours, theirs = _facts_of(source), _facts_of(target)
    return [(name, ours[name], theirs[name]) for name in ours if ours[name] != theirs[name]]


def _facts_of(host: HostCapture) -> Mapping[str, str]:
    processor, tsc = host.processor, host.tsc
    signature = (processor.family, processor.model, processor.stepping)
    known = any(part is not None for part in signature)
    return {
        "kernel": host.kernel,
        "processor": processor.name,
        "family/model/stepping": "/".join(map(str, signature)) if known else "",
        "microcode": processor.microcode,
        "address bits": str(processor.physical_bits or ""),
        "TSC": f"{tsc.khz} kHz" if tsc.khz else "",
        "TSC scaling": {True: "yes", False: "no", None: ""}[tsc.has_scaling],
        "caches": "; ".join(processor.caches),
    } | dict(_of_machine(host.machine))


def _of_machine(machine: Machine) -> Iterator[tuple[str, str]]:
    """Each part in words; nothing of what was not told."""
    sizes = ("page", machine.page), ("transparent huge page", machine.transparent_page)
    yield from ((name, format_size(size) if size else "") for name, size in sizes)
    yield "transparent huge pages", machine.transparent
    pools = (f"{pool.total} of {format_size(pool.size)}" for pool in machine.pools or ())
    yield "huge pages", ", ".join(pools) or ("" if machine.pools is None else "none")
    nodes = (
        f"{n.number}: processors {n.processors}, {n.memory >> 20} MiB" for n in machine.nodes or ()
    )
    yield "NUMA nodes", "; ".join(nodes)
    yield "memory that may be locked", _limit(machine.locked, "bytes")
    yield "open files", _limit(machine.files)
    yield "device files", ", ".join(name for name, is_there in machine.devices.items() if is_there)
    yield "KVM", ", ".join(name for name, answer in machine.kvm.items() if answer)
    yield "userfaultfd", {True: "for all", False: "privileged", None: ""}[machine.userfaultfd]


def _limit(limit: int | None, unit: str = "") -> str:
    if limit is None:
        return ""
    return "unlimited" if limit == UNLIMITED else f"{limit} {unit}".rstrip()
