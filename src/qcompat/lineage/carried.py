"""What a guest carries with it: a portrait of the guest as it is now, not of a fresh start.

State travels in the stream and stays with the guest; what belongs to the process (properties,
processors, what devices offer) is that of the build where it runs. So the portrait of a guest
that has moved is put together from two: the one from before the move, and that of a fresh start
on the build where it arrived. Which state survives a reset depends on what its drivers did (a
queue's default size does once a driver chose another, hw/virtio/virtio.c `virtio_reset`), so the
portrait from before a reset is kept beside the fresh one.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.errors import StreamError
from qcompat.lineage import queues
from qcompat.lineage.lineage import Placement, PowerCycle
from qcompat.portrait.portrait import MemoryBlock, PciFunction, Portrait
from qcompat.rules.virtio.queues import VALIDATES
from qcompat.stream.layout import Leaf, leaves
from qcompat.stream.model import Section, Stream


class Carried(msgspec.Struct, frozen=True):
    """The guest as it is now; `former` as it was before its resets, which may have kept state."""

    portrait: Portrait
    former: tuple[Portrait, ...] = ()


def carried(cycle: PowerCycle, portraits: Mapping[str, Portrait]) -> Carried | None:
    """What a guest carries since its start; None where a portrait of it is missing."""
    if any(placement.portrait not in portraits for placement in cycle.placements):
        return None
    first, *later = cycle.placements
    now = _with_resets(Carried(portraits[first.portrait]), portraits[first.portrait], first)
    for placement in later:
        own = portraits[placement.portrait]
        now = _with_resets(arrive(now, own), own, placement)
    return now


def arrive(guest: Carried, own: Portrait) -> Carried:
    """The guest after it arrived on a build; `own` is a fresh start there."""
    return Carried(
        _joined(guest.portrait, own), tuple(_joined(former, own) for former in guest.former)
    )


def reset(guest: Carried, own: Portrait) -> Carried:
    """The guest after a reset on a build; `own` is a fresh start there."""
    if guest.portrait == own:
        return guest
    former = tuple(each for each in (*guest.former, guest.portrait) if each != own)
    return Carried(own, former)


def _with_resets(guest: Carried, own: Portrait, placement: Placement) -> Carried:
    return reset(guest, own) if placement.resets else guest


def _joined(former: Portrait, own: Portrait) -> Portrait:
    """`own` with the state of `former` in it."""
    if former.stream is None or own.stream is None:
        return own
    return msgspec.structs.replace(
        own,
        stream=_streams(former.stream, own.stream, own.facts.markers.get(VALIDATES) is False),
        pci=_functions(former.pci, own.pci),
        memory=_blocks(former.memory, own.memory),
        firmware=former.firmware,
    )


def _streams(former: Stream, own: Stream, adopts: bool) -> Stream:
    known = {(section.idstr, section.instance_id): section for section in former.sections}
    sections = (_section(known.get((s.idstr, s.instance_id)), s, adopts) for s in own.sections)
    lengths = {block.name: block for block in former.ram}
    ram = (lengths.get(block.name, block) for block in own.ram)
    return msgspec.structs.replace(own, sections=tuple(sections), ram=tuple(ram))


def _section(former: Section | None, own: Section, adopts: bool) -> Section:
    """The former state in the form in which this build sends it, as far as the forms agree.

    `adopts` says whether it takes over a queue's size after a reset, as builds do that do not
    validate queue sizes on load.
    """
    if former is None or former.version_id != own.version_id or former.payload == own.payload:
        return own
    if _form(former) != _form(own):
        return own
    try:
        return queues.arrived(former, own, adopts=adopts)
    except StreamError:
        return former


def _form(section: Section) -> tuple[tuple[str, int, int], ...]:
    """Types and sizes in wire order; the length alone where there is no description."""
    try:
        found = leaves(section)
    except StreamError:
        return ((section.idstr, section.version_id, len(section.payload)),)
    return tuple(_form_of(leaf) for leaf in found if not _is_optional(leaf))


def _form_of(leaf: Leaf) -> tuple[str, int, int]:
    size = 0 if leaf.type == "virtio" else leaf.size
    return leaf.type, size, leaf.count


def _is_optional(leaf: Leaf) -> bool:
    """Subsections are sent as needed; whether the target knows one is checked there."""
    return leaf.path.startswith("<") or ".<" in leaf.path


def _functions(
    former: tuple[PciFunction, ...], own: tuple[PciFunction, ...]
) -> tuple[PciFunction, ...]:
    """Configuration space travels; which bits are writable is the build's."""
    known = {function.address: function for function in former}
    return tuple(
        msgspec.structs.replace(function, config=known[function.address].config)
        if function.address in known and len(known[function.address].config) == len(function.config)
        else function
        for function in own
    )


def _blocks(
    former: tuple[MemoryBlock, ...], own: tuple[MemoryBlock, ...]
) -> tuple[MemoryBlock, ...]:
    """A block that can be resized takes the size that it arrives with."""
    known = {block.name: block.used for block in former}
    return tuple(
        msgspec.structs.replace(block, used=known.get(block.name, block.used)) for block in own
    )
