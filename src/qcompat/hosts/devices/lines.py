"""For each host of a pool the device properties with which all offer the same. Pure.

A feature that one host or build does not offer is switched off wherever it can be, also where the
host denies it today, so that an update of its kernel changes nothing. A build without the
property never offers the feature: its line does not set it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from qcompat.guest.option import Pairs, format_fields
from qcompat.hosts.devices.asked import AskedDevice
from qcompat.hosts.devices.features import Feature
from qcompat.hosts.devices.members import Member
from qcompat.hosts.devices.mtu import Mtu, common_mtu
from qcompat.hosts.devices.offered_features import OfferedFeature, offered_features
from qcompat.hosts.devices.tap_state import PLAIN, need_plain_taps, with_plain_taps

NET = "virtio-net"


class Lost(msgspec.Struct, frozen=True):
    """A feature that only some offer: who does, and for each of the others why not."""

    feature: Feature
    has: tuple[str, ...]
    lacks: tuple[tuple[str, str], ...]


class Undecided(msgspec.Struct, frozen=True):
    """A feature that may not be offered by all: who is unknown, and why."""

    feature: Feature
    unknown: tuple[tuple[str, str], ...]


class HostLine(msgspec.Struct, frozen=True):
    """What to set for the device on one host: `settings` alone, and the whole `-device` text.

    `netdev` is what to give its `-netdev tap`, empty where nothing is needed.
    """

    host: str
    build: str
    settings: Pairs
    device: str
    netdev: Pairs = ()


class DeviceLines(msgspec.Struct, frozen=True):
    """The answer for a pool. `kept` are the features that all offer with these lines.

    `queues` is the number of queues that every tap of the pool takes, None where it is unknown for
    some host. `mtu` is the common `host_mtu`, None where it need not be set.
    """

    device: str
    machine: str
    lines: tuple[HostLine, ...]
    lost: tuple[Lost, ...]
    undecided: tuple[Undecided, ...]
    kept: tuple[str, ...]
    queues: int | None = None
    mtu: Mtu | None = None


def device_lines(
    members: Sequence[Member],
    device: AskedDevice,
    machine: str,
    *,
    vhost: bool = True,
    bridge: str = "",
) -> DeviceLines:
    """What each member must set so that a guest's driver finds the same on all of them.

    `bridge` is the bridge of each host that the device's tap joins; empty: unknown.
    """
    names = _names(members)
    views = _views(members, device, machine, vhost=vhost)
    lost = tuple(_lost(views, names))
    netdev: Pairs = ()
    unequal = lost
    if device.kind.name == NET and need_plain_taps([member.backends for member in members]):
        netdev = PLAIN
        views = _views(_plain(members), device, machine, vhost=vhost)
        unequal = tuple(_lost(views, names))
    mtu = common_mtu(members, device, bridge)
    set_ = tuple((each.feature.property, each.feature.off) for each in unequal) + _of_mtu(mtu)
    return DeviceLines(
        device=device.type,
        machine=machine,
        lines=tuple(_line(m, v, device, set_, netdev) for m, v in zip(members, views, strict=True)),
        lost=lost,
        undecided=tuple(_undecided(views, names)),
        kept=tuple(name for name in _features(views) if all(v[name].is_offered for v in views)),
        queues=_queues(members),
        mtu=mtu,
    )


def _views(
    members: Sequence[Member], device: AskedDevice, machine: str, *, vhost: bool
) -> list[dict[str, OfferedFeature]]:
    return [offered_features(m.backends, m.offer, device, machine, vhost=vhost) for m in members]


def _plain(members: Sequence[Member]) -> list[Member]:
    return [
        msgspec.structs.replace(each, backends=with_plain_taps(each.backends)) for each in members
    ]


def _names(members: Sequence[Member]) -> list[str]:
    """Hosts by name; where one has several builds, with the build."""
    hosts = [member.host for member in members]
    return [m.host if hosts.count(m.host) == 1 else f"{m.host} {m.offer.build}" for m in members]


def _features(views: Sequence[Mapping[str, OfferedFeature]]) -> Iterable[str]:
    return views[0] if views else ()


def _lost(views: Sequence[Mapping[str, OfferedFeature]], names: Sequence[str]) -> Iterator[Lost]:
    for feature in _features(views):
        each = [(name, view[feature]) for name, view in zip(names, views, strict=True)]
        has = tuple(name for name, one in each if one.is_offered)
        lacks = tuple((name, one.reason) for name, one in each if one.is_offered is False)
        if has and lacks:
            yield Lost(each[0][1].feature, has, lacks)


def _undecided(
    views: Sequence[Mapping[str, OfferedFeature]], names: Sequence[str]
) -> Iterator[Undecided]:
    """Unknown on some, offered or unknown on the rest; a lost feature is switched off anyway."""
    for feature in _features(views):
        each = [(name, view[feature]) for name, view in zip(names, views, strict=True)]
        unknown = tuple((name, one.reason) for name, one in each if one.is_offered is None)
        is_lost = any(one.is_offered for _, one in each) and any(
            one.is_offered is False for _, one in each
        )
        if unknown and len(each) > 1 and not is_lost:
            yield Undecided(each[0][1].feature, unknown)


def _of_mtu(mtu: Mtu | None) -> Pairs:
    return () if mtu is None else (("host_mtu", str(mtu.common)),)


def _queues(members: Sequence[Member]) -> int | None:
    taps = [member.backends.tap for member in members]
    told = [tap.queues for tap in taps if tap is not None]
    return min(told) if told and len(told) == len(taps) else None


def _line(
    member: Member,
    view: Mapping[str, OfferedFeature],
    device: AskedDevice,
    settings: Pairs,
    netdev: Pairs,
) -> HostLine:
    values = {one.feature.property: one.value for one in view.values()}
    needed = tuple(each for each in settings if values.get(each[0]) not in (None, each[1]))
    given = tuple(pair for pair in device.given if values.get(pair[0], "") is not None)
    kept = tuple(pair for pair in given if pair[0] not in dict(needed))
    text = format_fields((("driver", device.type), *kept, *needed), "driver")
    return HostLine(member.host, member.offer.build, needed, text, netdev)
