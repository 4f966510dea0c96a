"""Virtio devices: queues, negotiated and offered features, configuration, state.

The stream carries what a driver set up (`stream.virtio`), the transport what the device offers
(`portrait.virtio`); the two are joined here by PCI path. PCI configuration space inside a
virtio device's state is compared like any other.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.compare.difference import Difference
from qcompat.compare.pci import ConfigDiffers
from qcompat.compare.stream.sections import (
    SectionPair,
    SectionUnreadable,
    SubsectionOneSided,
    SubsectionVersionDiffers,
)
from qcompat.compare.stream.virtio_values import ValueDiffers, compare_values
from qcompat.portrait.portrait import Portrait, VirtioDevice
from qcompat.stream.layout import Leaf
from qcompat.stream.virtio.state import VirtioState, decode, transport_of
from qcompat.stream.virtio.subsections import Subsection


class QueueSize(msgspec.Struct, frozen=True):
    """A queue's size now, and the size it has after a reset, as one end sends them."""

    now: int
    default: int


class QueuesDiffer(Difference[tuple[QueueSize, ...]], frozen=True, kw_only=True):
    """The queues in the streams differ in number or size."""

    idstr: str


class NegotiatedDiffers(Difference[int], frozen=True, kw_only=True):
    """The drivers have agreed on different features."""

    idstr: str


class OfferDiffers(Difference[VirtioDevice], frozen=True, kw_only=True):
    """What the devices offer differs: features, queue sizes or device configuration."""

    address: str


class DeviceConfigDiffers(Difference[bytes], frozen=True, kw_only=True):
    """The device's own configuration space in the streams differs, in bytes or length."""

    idstr: str


class SavedState(msgspec.Struct, frozen=True):
    """What a device's own save function wrote, without a description.

    `agreed` are the features that its driver agreed to, on which its length depends.
    """

    data: bytes
    agreed: int = 0


class DeviceStateDiffers(Difference[SavedState], frozen=True, kw_only=True):
    """What the device's own save function wrote differs."""

    idstr: str


VirtioDifference = (
    ConfigDiffers
    | QueuesDiffer
    | NegotiatedDiffers
    | DeviceConfigDiffers
    | DeviceStateDiffers
    | SubsectionOneSided
    | SubsectionVersionDiffers
    | SectionUnreadable
    | ValueDiffers
)


def compare_offers(source: Portrait, target: Portrait) -> Iterator[OfferDiffers]:
    """Compare what drivers would find, device by device that both ends have."""
    theirs = {device.address: device for device in target.virtio}
    for device in source.virtio:
        other = theirs.get(device.address)
        if other is not None and device != other:
            yield OfferDiffers(address=device.address, source=device, target=other)


def compare_states(pair: SectionPair, one: Leaf, other: Leaf) -> Iterator[VirtioDifference]:
    """Compare two fields of type `virtio` of one section."""
    idstr, instance = pair.key
    transport = transport_of(idstr)
    ours = decode(one.data, transport, record=idstr)
    theirs = decode(other.data, transport, record=idstr)
    if ours.pci and theirs.pci and ours.pci.config != theirs.pci.config:
        address = idstr.partition("/")[0]
        yield ConfigDiffers(
            address=address, idstr=idstr, source=ours.pci.config, target=theirs.pci.config
        )
    if _sizes(ours) != _sizes(theirs):
        yield QueuesDiffer(idstr=idstr, source=_sizes(ours), target=_sizes(theirs))
    if ours.guest_features != theirs.guest_features:
        yield NegotiatedDiffers(
            idstr=idstr, source=ours.guest_features, target=theirs.guest_features
        )
    if ours.config != theirs.config:
        yield DeviceConfigDiffers(idstr=idstr, source=ours.config, target=theirs.config)
    if ours.device_state != theirs.device_state:
        yield DeviceStateDiffers(
            idstr=idstr,
            source=SavedState(ours.device_state, ours.guest_features),
            target=SavedState(theirs.device_state, theirs.guest_features),
        )
    yield from _subsections(idstr, instance, ours.subsections, theirs.subsections)
    yield from compare_values(pair, ours, theirs, one, other)
    if ours.undecoded or theirs.undecoded:
        yield SectionUnreadable(
            idstr=idstr,
            instance_id=instance,
            source="; ".join(ours.undecoded) or None,
            target="; ".join(theirs.undecoded) or None,
        )


def _sizes(state: VirtioState) -> tuple[QueueSize, ...]:
    return tuple(
        QueueSize(queue.num, queue.num if queue.num_default is None else queue.num_default)
        for queue in state.queues
    )


def _subsections(
    idstr: str, instance: int, ours: tuple[Subsection, ...], theirs: tuple[Subsection, ...]
) -> Iterator[SubsectionOneSided | SubsectionVersionDiffers]:
    before, after = {each.name: each for each in ours}, {each.name: each for each in theirs}
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name), after.get(name)
        if one is None or other is None:
            yield SubsectionOneSided(
                idstr=idstr,
                instance_id=instance,
                path=name,
                name=name,
                source=_leaves(one),
                target=_leaves(other),
            )
            continue
        if one.version != other.version:
            yield SubsectionVersionDiffers(
                idstr=idstr,
                instance_id=instance,
                name=name,
                source=one.version,
                target=other.version,
            )
        yield from _subsections(idstr, instance, one.nested, other.nested)


def _leaves(subsection: Subsection | None) -> tuple[Leaf, ...]:
    if subsection is None:
        return ()
    size = len(subsection.data)
    return (Leaf(subsection.name, "subsection", size, 1, subsection.offset, subsection.data),)
