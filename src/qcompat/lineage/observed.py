"""A running guest as it was observed, compared with its record; and its portrait, corrected.

What was observed counts for more than what was recorded: the portrait of the guest gets the
observed properties, processors and queue sizes. Disagreements are reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from qcompat.compare.comparison import Comparison, compare
from qcompat.compare.images import SIZED
from qcompat.compare.virtio import NegotiatedDiffers, OfferDiffers
from qcompat.errors import StreamError
from qcompat.lineage.carried import Carried
from qcompat.lineage.lineage import PowerCycle
from qcompat.lineage.queues import with_queues
from qcompat.lineage.verdict import verdict_on
from qcompat.machine.value import are_equal
from qcompat.portrait.portrait import Device, Portrait
from qcompat.portrait.running.observed import Observed, QueueNow
from qcompat.qemu.supplies.names import supplies_in
from qcompat.remedy.places import HOST_SIDE
from qcompat.stream.model import Section, Stream
from qcompat.verdict.judge import verdict_of
from qcompat.verdict.judgement import Verdict, answer, gravity


class Disagreement(msgspec.Struct, frozen=True):
    """Something that is not as it was recorded; None for what one of the two does not have."""

    what: str
    recorded: str | None
    observed: str | None


def corrected(known: Portrait, observed: Observed) -> Portrait:
    """The portrait with everything in it that was observed."""
    return msgspec.structs.replace(
        known,
        machine=observed.machine or known.machine,
        devices=_devices(known, observed) if observed.devices else known.devices,
        stream=_stream(known, observed),
    )


def covers_virtio(observed: Observed) -> bool:
    """Whether the queues of every virtio device were read, so that none has to be guessed."""
    return bool(observed.virtio) and not any(gap.part.startswith("virtio") for gap in observed.gaps)


def verdict_of_observed(guest: Carried, observed: Observed, target: Portrait) -> Verdict:
    """The verdict for the corrected portrait, with the features that the drivers agreed on.

    What only the state from before a reset shows is left open where it was not observed.
    """
    verdict = _verdict(guest.portrait, observed, target)
    if not guest.former or verdict.verdict == "blocked":
        return verdict
    opened = (f for f in verdict_on(guest, target).findings if f.undecided)
    more = (finding for finding in opened if finding not in verdict.findings)
    findings = sorted((*verdict.findings, *more), key=gravity)
    return Verdict(answer(findings), tuple(findings))


def _verdict(source: Portrait, observed: Observed, target: Portrait) -> Verdict:
    comparison = compare(source, target)
    agreed = {v.address: v.agreed for v in observed.virtio if v.address and v.agreed is not None}
    others = tuple(
        each
        for each in comparison.differences
        if not (isinstance(each, NegotiatedDiffers) and each.idstr.partition("/")[0] in agreed)
    )
    chosen = tuple(
        NegotiatedDiffers(idstr=f"{each.address}/virtio", source=agreed[each.address], target=0)
        for each in comparison.of(OfferDiffers)
        if agreed.get(each.address)
    )
    return verdict_of(Comparison(source, target, (*others, *chosen)))


def disagreements(
    known: Portrait, observed: Observed, cycle: PowerCycle | None
) -> tuple[Disagreement, ...]:
    """Where the observed guest is not what its record, or its arguments, make it."""
    return (*_of_cycle(known, observed, cycle), *_of_devices(known, observed))


def _of_cycle(
    known: Portrait, observed: Observed, cycle: PowerCycle | None
) -> Iterator[Disagreement]:
    if observed.machine and observed.machine != known.machine:
        yield Disagreement("machine type", known.machine, observed.machine)
    if cycle is None:
        return
    identity = cycle.current.identity
    recorded = f"{identity.version} {identity.package}".strip()
    running = f"{observed.version} {observed.package}".strip()
    if recorded != running:
        yield Disagreement(f"build, recorded as {cycle.current.build}", recorded, running)
    started = cycle.started
    if started.uuid and observed.uuid and started.uuid.lower() != observed.uuid.lower():
        yield Disagreement("UUID", started.uuid, observed.uuid)
    if observed.accel and started.accel != observed.accel:
        yield Disagreement("accelerator", started.accel, observed.accel)


def _of_devices(known: Portrait, observed: Observed) -> Iterator[Disagreement]:
    ours = {device.path: device for device in known.devices}
    theirs = {device.path: device for device in observed.devices}
    for path in sorted(ours.keys() | theirs.keys()) if theirs else ():
        one, other = ours.get(path), theirs.get(path)
        if one is None or other is None:
            present = one or other
            assert present is not None
            yield Disagreement(f"device {_name(present)}", _type(one), _type(other))
        else:
            yield from _of_properties(one, other)


def _of_properties(one: Device, other: Device) -> Iterator[Disagreement]:
    for name in sorted(one.properties.keys() | other.properties.keys()):
        before, after = one.properties.get(name), other.properties.get(name)
        is_stand_in = bool(supplies_in([before or ""]))
        if (
            _counts(name)
            and not _is_chosen(name, before, after)
            and not is_stand_in
            and not _same(before, after)
        ):
            yield Disagreement(f"{_name(one)} {name}", before, after)


RUNTIME = frozenset({"MCFG"})
"""Properties whose value the guest's firmware changes (hw/pci-host/q35.c of 10.0, base_addr)."""


def _counts(name: str) -> bool:
    return name not in HOST_SIDE | RUNTIME | SIZED


def _is_chosen(name: str, before: str | None, after: str | None) -> bool:
    """Whether one of both has a USB port that QEMU chose: it does not show in the property."""
    return name == "port" and '""' in (before, after)


def _same(one: str | None, other: str | None) -> bool:
    return one == other if one is None or other is None else are_equal(one, other)


def _name(device: Device) -> str:
    at = f" at {device.address}" if device.address else ""
    return f'{device.type} "{device.id}"{at}' if device.id else f"{device.type}{at}"


def _type(device: Device | None) -> str | None:
    return device.type if device else None


def _devices(known: Portrait, observed: Observed) -> tuple[Device, ...]:
    ours = {device.path: device for device in known.devices}
    return tuple(_device(ours.get(device.path), device) for device in observed.devices)


def _device(known: Device | None, observed: Device) -> Device:
    """The observed device, but its backends those of the portrait: they are stand-ins there."""
    if known is None:
        return observed
    host = {n: v for n, v in known.properties.items() if not _counts(n) or supplies_in([v])}
    own = {name: value for name, value in observed.properties.items() if _counts(name)}
    return msgspec.structs.replace(observed, properties={**own, **host})


def _stream(known: Portrait, observed: Observed) -> Stream | None:
    if known.stream is None:
        return None
    queues = {v.address: v.queues for v in observed.virtio if v.address}
    sections = (_section(section, queues) for section in known.stream.sections)
    return msgspec.structs.replace(known.stream, sections=tuple(sections))


def _section(section: Section, queues: Mapping[str, Mapping[int, QueueNow]]) -> Section:
    wanted = queues.get(section.idstr.partition("/")[0])
    try:
        return with_queues(section, wanted) if wanted else section
    except StreamError:
        return section
