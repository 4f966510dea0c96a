"""Which features of a virtio device a host denies, whatever the properties say. Pure.

QEMU offers a feature where the property is on and the backend carries it. It asks a tap for its
vnet_hdr, UFO, USO and UDP tunnels, and vhost in the kernel where that is used.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.hosts.backends.model import Backends, Tap, Vhost
from qcompat.hosts.devices.features import DeviceKind, Feature, bit_of, features_of

VNET_HDR, MULTIQUEUE = "vnet_hdr", "multiqueue"


class Limits(msgspec.Struct, frozen=True):
    """Features by name, with the reason: denied by the host, and not asked about."""

    denied: Mapping[str, str]
    unknown: Mapping[str, str]


def limits(backends: Backends, kind: DeviceKind, *, vhost: bool = True) -> Limits:
    """What the host denies a device of this kind on a tap.

    With `vhost` a network device uses vhost where the host has it, as managers set it up. Kinds
    that need vhost always use it.
    """
    denied: dict[str, str] = {}
    unknown: dict[str, str] = {}
    for feature in features_of(kind):
        for reason, is_known in _reasons(backends, kind, feature, vhost=vhost):
            (denied if is_known else unknown).setdefault(feature.name, reason)
    return Limits(denied, {n: why for n, why in unknown.items() if n not in denied})


def _reasons(
    backends: Backends, kind: DeviceKind, feature: Feature, *, vhost: bool
) -> list[tuple[str, bool]]:
    found = []
    if feature.tap:
        found.append(_of_tap(backends, feature.tap))
    if feature.vhost and (kind.vhost or (vhost and kind.name == "virtio-net")):
        found.append(_of_vhost(backends, kind, feature))
    if feature.host:
        found.append((f"it depends on {feature.host}, which was not asked", False))
    return [each for each in found if each is not None]


def _of_tap(backends: Backends, needed: str) -> tuple[str, bool] | None:
    tap = backends.tap
    if tap is None:
        why = _gap(backends, "tap") or "the capture does not say why"
        return f"its taps were not asked: {why}", False
    if carries(tap, needed):
        return None
    lacking = needed if tap.vnet_hdr or needed == MULTIQUEUE else VNET_HDR
    return f"the taps of its kernel {backends.kernel} do not take {lacking}", True


def carries(tap: Tap, needed: str) -> bool:
    """Whether a tap gives what a feature needs; every offload needs a vnet_hdr."""
    if needed == MULTIQUEUE:
        return tap.multiqueue
    return tap.vnet_hdr and (needed == VNET_HDR or needed in tap.offloads)


def _of_vhost(backends: Backends, kind: DeviceKind, feature: Feature) -> tuple[str, bool] | None:
    """Without the node a network device runs without vhost, so nothing more is denied."""
    name = kind.vhost or "net"
    asked = _vhost(backends, name)
    if asked is None:
        return _without(backends, name, is_needed=bool(kind.vhost))
    bit = bit_of(kind.number, feature.name)
    assert bit is not None, feature.name  # the table is checked when it is loaded
    if asked.features >> bit & 1:
        return None
    return f"vhost-{name} of its kernel {backends.kernel} does not have it", True


def _without(backends: Backends, name: str, *, is_needed: bool) -> tuple[str, bool] | None:
    if why := _gap(backends, f"vhost-{name}"):
        return f"vhost-{name} was not asked: {why}", False
    return (f"it has no /dev/vhost-{name}", True) if is_needed else None


def _vhost(backends: Backends, kind: str) -> Vhost | None:
    return next((each for each in backends.vhost if each.kind == kind), None)


def _gap(backends: Backends, part: str) -> str:
    return next((gap.reason for gap in backends.gaps if gap.part == part), "")
