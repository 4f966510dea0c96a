"""What a host's kernel gives the backends of devices, and what builds offer with it.

`ask` asks the kernel, `ask_offers` a build. `hosts.devices` decides what follows for a device,
from these values alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import msgspec

from qcompat.dataset import read_table
from qcompat.portrait.portrait import Gap


class Tap(msgspec.Struct, frozen=True, kw_only=True):
    """What a tap of this host can carry, asked in a private network namespace.

    `vnet_hdr` and `multiqueue` are flags of TUNGETFEATURES, `queues` the queues that one tap
    really took (at most those asked for, 256). `offloads` are the TUN_F_ bits that TUNSETOFFLOAD
    took, by the names of `offloads.toml`: csum, tso4, tso6, ecn, ufo, uso, udp_tunnel…
    A tap without `vnet_hdr` carries no offload, whatever TUNSETOFFLOAD took.
    """

    vnet_hdr: bool
    multiqueue: bool
    queues: int
    offloads: tuple[str, ...]


class Vhost(msgspec.Struct, frozen=True, kw_only=True):
    """A vhost device of the kernel: `kind` is `net`, `vsock` or `scsi`.

    `features` is its answer to VHOST_GET_FEATURES, `backend_features` that to
    VHOST_GET_BACKEND_FEATURES, 0 where the kernel has no such ioctl.
    """

    kind: str
    node: str
    features: int
    backend_features: int = 0


class Bridge(msgspec.Struct, frozen=True):
    """A bridge of the host that taps can be joined to, and its MTU in bytes."""

    name: str
    mtu: int


class DeviceOffer(msgspec.Struct, frozen=True, kw_only=True):
    """What one build offers a guest's driver on this host, with a device as the build makes it.

    `device` is the type as given to `-device`, `machine` the concrete machine type that it was
    asked on. `features` are the names of the bits that it was seen to offer on a tap
    (`stream.decode.virtio_features`), None where it was not started or they could not be read.
    `properties` are the values of the properties that govern them (`hosts.devices.features`);
    one that is not there does not exist in this build. `machines` holds, for each machine type
    that is known, the properties that have another value there.
    """

    build: str
    version: str
    device: str
    machine: str
    features: tuple[str, ...] | None
    properties: Mapping[str, str]
    machines: Mapping[str, Mapping[str, str]] = {}


class Backends(msgspec.Struct, frozen=True, kw_only=True):
    """All that was learned of a host's backends.

    `kernel` is its release (`uname -r`). `tap` is None where no tap can be made or it could not
    be tried, `vhost` holds the nodes that exist and answered; `absent` names the nodes that do
    not exist. `gaps` says what could not be asked, and why: it is unknown, not missing.
    """

    kernel: str
    tap: Tap | None = None
    vhost: tuple[Vhost, ...] = ()
    absent: tuple[str, ...] = ()
    bridges: tuple[Bridge, ...] = ()
    offers: tuple[DeviceOffer, ...] = ()
    gaps: tuple[Gap, ...] = ()


class Offload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of `offloads.toml`; see its head."""

    name: str
    mask: int
    probe: bool
    linux: str = ""


class Offloads(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `offloads.toml`."""

    offload: tuple[Offload, ...]


@cache
def offloads() -> tuple[Offload, ...]:
    return read_table("qcompat.hosts.backends", "offloads.toml", Offloads).offload
