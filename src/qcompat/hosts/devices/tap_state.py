"""What a network device sends along about its tap, whatever its properties say. Pure.

The stream says whether the device's tap has a vnet_hdr, and whether it takes UFO; a target whose
tap lacks either refuses it (virtio_net_vnet_post_load and
virtio_net_ufo_post_load in hw/net/virtio-net.c, 5.2 to 10.2: `saved image requires …`). Only
the tap's own `vnet_hdr=off` on all hosts makes taps equal, no property of the device.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from qcompat.guest.option import Pairs
from qcompat.hosts.backends.model import Backends, Tap
from qcompat.hosts.devices.limits import VNET_HDR, carries

SENT = (VNET_HDR, "ufo")
"""In the order in which QEMU checks them."""

PLAIN: Pairs = ((VNET_HDR, "off"),)
"""The properties of `-netdev tap` with which the tap carries nothing."""


def refused(source: Backends, target: Backends) -> tuple[str, ...]:
    """What the source's taps have and the target refuses; empty where unknown."""
    one, other = source.tap, target.tap
    if one is None or other is None:
        return ()
    return tuple(each for each in SENT if carries(one, each) and not carries(other, each))


def need_plain_taps(hosts: Sequence[Backends]) -> bool:
    """Whether some host refuses what another host's taps have."""
    return any(refused(source, target) for source in hosts for target in hosts)


def with_plain_taps(backends: Backends) -> Backends:
    """The host as its devices see it when their taps are started with `PLAIN`."""
    tap = backends.tap
    if tap is None:
        return backends
    plain = Tap(vnet_hdr=False, multiqueue=tap.multiqueue, queues=tap.queues, offloads=())
    return msgspec.structs.replace(backends, tap=plain)
