"""The members of a pool of captured hosts, and the machine type they share. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from qcompat.arch.machine_type import versioned
from qcompat.errors import UsageError
from qcompat.hosts.backends.model import Backends, DeviceOffer
from qcompat.hosts.capture import HostCapture
from qcompat.hosts.devices.asked import AskedDevice
from qcompat.hosts.devices.features import DeviceKind, kind_of
from qcompat.hosts.devices.offered_features import machines_of

_AGAIN = "capture it there with: qcompat host capture BUILD -o FILE"


class Member(msgspec.Struct, frozen=True):
    """One build on one host of the pool."""

    host: str
    backends: Backends
    offer: DeviceOffer


def members_of(
    hosts: Sequence[HostCapture], device: AskedDevice, builds: Sequence[str] = ()
) -> tuple[Member, ...]:
    """Every build on every host, or those of `builds` alone.

    Errors: UsageError where a capture does not cover the device: without that host the answer
    could be wrong for it.
    """
    return tuple(member for host in hosts for member in _on(host, device.kind, builds))


def _on(host: HostCapture, kind: DeviceKind, builds: Sequence[str]) -> Iterator[Member]:
    if host.backends is None:
        raise UsageError(
            f"the capture of {host.name} does not cover devices ({host.origin})", _AGAIN
        )
    offers = [each for each in host.backends.offers if kind_of(each.device) == kind]
    wanted = [each for each in offers if not builds or each.build in builds]
    if not wanted:
        there = ", ".join(dict.fromkeys(each.build for each in offers)) or "none"
        why = "; ".join(gap.reason for gap in host.backends.gaps)
        raise UsageError(
            f"the capture of {host.name} does not cover {kind.name} with the builds asked for; it "
            f"has these builds: {there}" + (f" ({why})" if why and not offers else ""),
            _AGAIN,
        )
    yield from (Member(host.name, host.backends, each) for each in wanted)


def able(members: Sequence[Member], machine: str) -> tuple[Member, ...]:
    """The members that can run a guest of this machine type, or whose machine types are unknown.

    Errors: UsageError where a host has none: the guest cannot run there at all.
    """
    found = tuple(m for m in members if not m.offer.machines or machine in machines_of(m.offer))
    for host in dict.fromkeys(member.host for member in members):
        if host not in {member.host for member in found}:
            builds = ", ".join(each.offer.build for each in members if each.host == host)
            raise UsageError(
                f"{host} has no build with the machine type {machine} ({builds})",
                "leave the host out, or choose a machine type that all hosts have",
            )
    return found


def machine_for(members: Iterable[Member], asked: str = "") -> str:
    """The machine type asked for, else the newest that all members know.

    Errors: UsageError where some member does not know it, or there is none.
    """
    known = [(each, machines_of(each.offer)) for each in members]
    shared = frozenset.intersection(*(names for _, names in known))
    if asked and asked not in shared:
        lacking = ", ".join(
            f"{m.offer.build} on {m.host}" for m, names in known if asked not in names
        )
        raise UsageError(
            f"what the device is on {asked} is unknown for {lacking}",
            "known for all are: " + (", ".join(sorted(shared)) or "none"),
        )
    if asked:
        return asked
    if not shared:
        raise UsageError(
            "the builds of these hosts share no machine type",
            "choose builds with --build: a guest cannot move between these at all",
        )
    return max(shared, key=_age)


def _age(machine: str) -> tuple[tuple[int, ...], str]:
    """Sort key: the release first; of one release q35 comes before i440fx."""
    version = versioned(machine)
    return (version.version if version else (), machine)
