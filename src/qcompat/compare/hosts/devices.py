"""Two hosts: what each lets a guest's network devices have, as far as the two differ.

A portrait is taken wherever its build is; captures of the hosts say what would be otherwise
there. What a host denies is taken out of both portraits before they are compared (`level`), so
that one difference has one cause; what the hosts themselves cause is a difference of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from qcompat.compare.hosts.differences import (
    HostOffersDiffer,
    HostPair,
    HostTapsDiffer,
    HostUnasked,
)
from qcompat.hosts.backends.model import Backends
from qcompat.hosts.capture import HostCapture
from qcompat.hosts.devices.features import DeviceKind, bit_of, features_of
from qcompat.hosts.devices.limits import Limits, limits
from qcompat.hosts.devices.tap_devices import Network, networks_of
from qcompat.hosts.devices.tap_state import refused
from qcompat.portrait.portrait import Portrait, VirtioDevice

HostDifference = HostOffersDiffer | HostTapsDiffer | HostUnasked


def compare_hosts(source: Portrait, target: Portrait, hosts: HostPair) -> Iterator[HostDifference]:
    """What the hosts make different, device by device that both ends have."""
    theirs = {network.address: network for network in networks_of(target)}
    for network in networks_of(source):
        one, other = _at(source, network.address), _at(target, network.address)
        if network.address in theirs and one is not None and other is not None:
            here = one.features | network.high
            there = other.features | theirs[network.address].high
            yield from _of_device(network, one.device_id, (here, there), hosts)


def _of_device(
    network: Network, number: int, offers: tuple[int, int], hosts: HostPair
) -> Iterator[HostDifference]:
    place = {"address": network.address, "device": network.type}
    here, there = _backends(hosts.source), _backends(hosts.target)
    sent, back = refused(here, there), refused(there, here)
    if network.has_header and (sent or back):
        yield HostTapsDiffer(**place, source=sent, target=back)
    one, other = (limits(each, network.kind, vhost=network.has_vhost) for each in (here, there))
    either = mask(network.kind, one) | mask(network.kind, other)
    before = offers[0] & ~mask(network.kind, one) & either
    after = offers[1] & ~mask(network.kind, other) & either
    if before != after:
        why = {**one.denied, **other.denied}
        yield HostOffersDiffer(**place, device_id=number, why=why, source=before, target=after)
    unknown = [_offered(network.kind, each, offers[0]) for each in (one, other)]
    if any(unknown):
        yield HostUnasked(**place, source=unknown[0], target=unknown[1])


def _backends(host: HostCapture) -> Backends:
    """A capture without backends is one whose backends were not asked."""
    return host.backends or Backends(kernel=host.kernel or "unknown")


def mask(kind: DeviceKind, limited: Limits) -> int:
    """The bits of the features that a host denies."""
    found = 0
    for row in features_of(kind):
        bit = bit_of(kind.number, row.name)
        if row.name in limited.denied and bit is not None:
            found |= 1 << bit
    return found


def _offered(kind: DeviceKind, limited: Limits, offered: int) -> Mapping[str, str]:
    """The unknown ones that the device would offer."""
    bits = {name: bit_of(kind.number, name) for name in limited.unknown}
    return {
        name: limited.unknown[name]
        for name, bit in bits.items()
        if bit is not None and offered >> bit & 1
    }


def level(portrait: Portrait, hosts: HostPair) -> Portrait:
    """The portrait without the features that either host denies: what is left is the builds'."""
    denied: dict[str, int] = {}
    for network in networks_of(portrait):
        for host in (hosts.source, hosts.target):
            limited = limits(_backends(host), network.kind, vhost=network.has_vhost)
            denied[network.address] = denied.get(network.address, 0) | mask(network.kind, limited)
    virtio = tuple(_without(device, denied.get(device.address, 0)) for device in portrait.virtio)
    return msgspec.structs.replace(portrait, virtio=virtio)


def _without(device: VirtioDevice, bits: int) -> VirtioDevice:
    return msgspec.structs.replace(device, features=device.features & ~bits)


def _at(portrait: Portrait, address: str) -> VirtioDevice | None:
    return next((device for device in portrait.virtio if device.address == address), None)
