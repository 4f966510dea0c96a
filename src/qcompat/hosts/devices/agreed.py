"""What a running guest's drivers agreed on, and to which hosts it can move with that. Pure.

A driver looks at what is offered only when it next starts; what it agreed on, a target must offer,
or it refuses the stream (virtio_load in hw/virtio/virtio.c, 5.2 to 11.1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from qcompat.errors import StreamError
from qcompat.hosts.devices.asked import AskedDevice
from qcompat.hosts.devices.features import DeviceKind, feature_of
from qcompat.hosts.devices.members import Member
from qcompat.hosts.devices.offered_features import OfferedFeature, offered_features
from qcompat.hosts.devices.tap_state import SENT, refused
from qcompat.portrait.running.observed import Observed, VirtioNow
from qcompat.stream.layout import leaves
from qcompat.stream.model import Section, Stream
from qcompat.stream.virtio.state import decode, transport_of

Answer = Literal["blocked", "drift", "ok", "unknown"]


class Agreed(msgspec.Struct, frozen=True):
    """What one device's driver agreed on; `where` is its section or path, or empty.

    `beyond` says why it may have agreed on more; empty where the features are complete.
    """

    where: str
    features: int
    beyond: str = ""


class HostAnswer(msgspec.Struct, frozen=True):
    """Whether the guest can move to one host: the answer, and the features that decide it."""

    host: str
    build: str
    answer: Answer
    features: tuple[str, ...]
    reasons: tuple[str, ...]


def agreed_in(stream: Stream, kind: DeviceKind) -> tuple[Agreed, ...]:
    """What the drivers of all devices of this kind agreed on; unreadable sections are skipped."""
    found = ((section, _features(section, kind)) for section in stream.sections)
    return tuple(Agreed(section.idstr, bits) for section, bits in found if bits is not None)


def agreed_now(seen: Observed, kind: DeviceKind) -> tuple[Agreed, ...]:
    """What the drivers of all devices of this kind have agreed on in a running guest."""
    told = {each.path: each for each in seen.virtio}
    paths = [device.path for device in seen.devices if device.type in kind.types]
    ours = (path for path in paths if not any(path.startswith(f"{each}/") for each in paths))
    return tuple(_now(path, told.get(path), seen) for path in ours)  # not what is inside a proxy


def _now(path: str, told: VirtioNow | None, seen: Observed) -> Agreed:
    if told is None or told.agreed is None:
        return Agreed(path, 0, _why(path, seen))
    unnamed = f"QEMU names features that are not known here: {', '.join(told.unnamed)}"
    return Agreed(path, told.agreed, unnamed if told.unnamed else "")


def _why(path: str, seen: Observed) -> str:
    """Why the running QEMU was not asked: about this device, else about any."""
    gaps = [gap for gap in seen.gaps if gap.part.endswith(("virtio", "virtio features"))]
    mine = [gap for gap in seen.gaps if gap.part == f"virtio of {path}"]
    return next((gap.reason for gap in (*mine, *gaps)), "the running QEMU did not report them")


def all_agreed(found: Sequence[Agreed]) -> Agreed:
    """All features that any of them agreed on."""
    features = 0
    for each in found:
        features |= each.features
    return Agreed("", features, next((each.beyond for each in found if each.beyond), ""))


def _features(section: Section, kind: DeviceKind) -> int | None:
    try:
        leaf = next((leaf for leaf in leaves(section) if leaf.type == "virtio"), None)
        if leaf is None:
            return None
        state = decode(leaf.data, transport_of(section.idstr), record=section.idstr)
    except StreamError:
        return None
    is_ours = state.device_number == kind.number or section.idstr.endswith(f"/{kind.name}")
    return state.guest_features if is_ours else None


def host_answers(
    members: Sequence[Member],
    device: AskedDevice,
    machine: str,
    agreed: Agreed,
    *,
    vhost: bool = True,
) -> tuple[HostAnswer, ...]:
    """Whether a guest that agreed on these features can move to each host.

    A host that refuses none of them is `drift` where it offers something else than others do, and
    `unknown` where the guest may have agreed on more.
    """
    views = [offered_features(m.backends, m.offer, device, machine, vhost=vhost) for m in members]
    same = _same(views)
    return tuple(
        _barred(member, members, device.kind) or _move(member, view, device.kind, agreed, same=same)
        for member, view in zip(members, views, strict=True)
    )


def _barred(member: Member, members: Sequence[Member], kind: DeviceKind) -> HostAnswer | None:
    """A host whose taps lack what another's send along, whatever was agreed on."""
    if kind.name != "virtio-net":
        return None
    lacking = {lack for m in members for lack in refused(m.backends, member.backends)}
    if not lacking:
        return None
    names = tuple(name for name in SENT if name in lacking)
    why = f"the taps of its kernel {member.backends.kernel} do not take {', '.join(names)}"
    return HostAnswer(member.host, member.offer.build, "blocked", names, (why,))


def _same(views: Sequence[Mapping[str, OfferedFeature]]) -> bool:
    offers = [{name: each.is_offered for name, each in view.items()} for view in views]
    return all(offer == offers[0] for offer in offers)


def _move(
    member: Member,
    view: Mapping[str, OfferedFeature],
    kind: DeviceKind,
    agreed: Agreed,
    *,
    same: bool,
) -> HostAnswer:
    word = agreed.features
    bits = [bit for bit in range(word.bit_length()) if word >> bit & 1]
    told = list(_told(view, kind, bits))
    denied = [each for each in told if each.is_offered is False]
    unknown = [each for each in told if each.is_offered is None]
    decisive = denied or unknown
    is_open = bool(unknown or agreed.beyond)
    answer: Answer = "blocked" if denied else "unknown" if is_open else "ok" if same else "drift"
    beyond = (agreed.beyond,) if answer == "unknown" and agreed.beyond else ()
    return HostAnswer(
        host=member.host,
        build=member.offer.build,
        answer=answer,
        features=tuple(each.feature.name for each in decisive),
        reasons=tuple(dict.fromkeys((*(each.reason for each in decisive), *beyond))),
    )


def _told(
    view: Mapping[str, OfferedFeature], kind: DeviceKind, bits: Sequence[int]
) -> Iterator[OfferedFeature]:
    """What is known about each bit that a property governs."""
    for bit in bits:
        if (row := feature_of(kind, bit)) is not None:
            yield view[row.name]
