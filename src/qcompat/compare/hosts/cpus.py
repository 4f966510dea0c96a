"""What becomes of a guest's processor when it moves between two hosts, by their captures."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from qcompat.arch.architecture import cpu_model, is_cpu_type
from qcompat.compare.hosts.differences import HostCpusDiffer, HostCpuUnasked, HostPair
from qcompat.errors import QcompatError
from qcompat.hosts.capture import HostCapture
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.guest_cpu import GuestCpu, parse_cpu
from qcompat.hosts.cpu.migration import migrate_cpu
from qcompat.hosts.cpu.offer import CpuOffer, offers_of
from qcompat.portrait.portrait import Portrait


def compare_host_cpus(
    source: Portrait, target: Portrait, hosts: HostPair
) -> Iterator[HostCpusDiffer | HostCpuUnasked]:
    masks = FeatureMasks()
    here = _offer(hosts.source, source, masks)
    there = _offer(hosts.target, target, masks)
    if isinstance(here, str) or isinstance(there, str):
        reasons = [each if isinstance(each, str) else "" for each in (here, there)]
        yield HostCpuUnasked(source=reasons[0], target=reasons[1])
        return
    guest = _guest_cpu(source)
    if guest is None:
        return
    way = migrate_cpu(masks, here, there, guest)
    back = migrate_cpu(masks, there, here, guest)
    if way.outcome != "ok" or back.outcome != "ok":
        yield HostCpusDiffer(source=way, target=back)


def _offer(host: HostCapture, portrait: Portrait, masks: FeatureMasks) -> CpuOffer | str:
    """The portrait's build on the host, by its name or its bytes; else why it is not known."""
    names = [
        each.build
        for each in host.builds
        if each.build == portrait.build or each.identity == portrait.identity
    ]
    build = names[0] if names else portrait.build
    try:
        return offers_of((host,), masks, accelerator=portrait.accel, build=build)[0]
    except QcompatError as error:
        return error.message


def _guest_cpu(portrait: Portrait) -> GuestCpu | None:
    """The guest's own `-cpu`, else the machine's usual model; None off x86."""
    given = [v for name, v in pairwise(portrait.guest.arguments) if name in ("-cpu", "--cpu")]
    if given:
        return parse_cpu(given[-1])
    type_ = portrait.cpu.type if portrait.cpu else ""
    return parse_cpu(cpu_model(type_)) if is_cpu_type(type_) else None
