"""Hosts that give their guests different things: capturing one, and one CPU for several."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from qcompat.arch.architecture import emulated_by
from qcompat.builds.build import Build
from qcompat.builds.registry import Registry
from qcompat.errors import UsageError
from qcompat.hosts.capture import HostCapture
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.guest_cpu import GuestCpu
from qcompat.hosts.cpu.migration import CpuMigration, migrate_cpu
from qcompat.hosts.cpu.offer import CpuOffer, offers_of
from qcompat.local.event_loop import wait_for_event_loop
from qcompat.portrait.accel_choice import AccelChoice, choose_accel
from qcompat.portrait.portrait import Accel
from qcompat.portrait.portraits import Portraits


class CaptureQuestion(msgspec.Struct, frozen=True):
    """What to ask this host: `builds` by name (none: all registered ones of its own
    architecture).

    `backends` also asks what taps and vhost offer. `name` is the host's, by default its own.
    """

    builds: tuple[str, ...] = ()
    accel: AccelChoice = "auto"
    name: str = ""
    backends: bool = True


async def capture(
    question: CaptureQuestion, portraits: Portraits, warn: Callable[[str], None] = lambda _: None
) -> HostCapture:
    """Ask this host. `warn` gets what could not be asked. Nothing on the host is changed.

    Errors: UsageError where no build is registered, BuildError where none can be asked.
    """
    from qcompat.builds.learn.learn import learn
    from qcompat.hosts.ask.host import capture_host
    from qcompat.hosts.backends.ask import ask_backends

    await wait_for_event_loop()
    builds = _builds(question.builds, portraits.registry)
    accels: tuple[Accel, ...] = (choose_accel(question.accel),)
    found = await capture_host(builds, accels, name=question.name, warn=warn)
    if not question.backends:
        return found
    offered = await ask_backends(builds, lambda build: learn(build, cache=portraits.cache))
    return msgspec.structs.replace(found, backends=offered)


async def host_of(given: str, portraits: Portraits) -> HostCapture:
    """The host of a file, or of a build here, which is asked now. Errors: as of reading, asking."""
    path = Path(given)
    if not path.exists() and given in portraits.registry.names():
        return await capture(CaptureQuestion((given,), name=given, backends=False), portraits)
    from qcompat.hosts.read.recognise import read_host

    return read_host(path)


async def hosts_of(given: Sequence[str], portraits: Portraits) -> tuple[HostCapture, ...]:
    """Several hosts, each of another name. Errors: UsageError where two cannot be told apart."""
    found = tuple([await host_of(each, portraits) for each in given])
    names = [host.name for host in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(
            f"two captures are of a host named {twice[0]}",
            "give each host once, or name it when it is captured: --name",
        )
    return found


class CpuChoice(msgspec.Struct, frozen=True):
    """Which of what captures hold counts: one accelerator, one build; None for the usual."""

    accel: str | None = None
    build: str | None = None


async def offers(
    given: Sequence[str], masks: FeatureMasks, choice: CpuChoice, portraits: Portraits
) -> tuple[CpuOffer, ...]:
    """What all hosts offer guests, ready to be compared. Errors: as `hosts_of`."""
    hosts = await hosts_of(given, portraits)
    return offers_of(hosts, masks, accelerator=choice.accel, build=choice.build)


async def cpu_moves(
    ends: tuple[str, str], cpu: GuestCpu, choice: CpuChoice, portraits: Portraits
) -> Sequence[tuple[CpuMigration, CpuMigration]]:
    """There and back with this CPU, for each build of the one host with each of the other."""
    masks = FeatureMasks()
    one, other = await hosts_of(ends, portraits)
    found = offers_of((one, other), masks, accelerator=choice.accel, build=choice.build)
    ours = [offer for offer in found if offer.host is one]
    theirs = [offer for offer in found if offer.host is other]
    return [
        (migrate_cpu(masks, here, there, cpu), migrate_cpu(masks, there, here, cpu))
        for here in ours
        for there in theirs
    ]


def _builds(names: tuple[str, ...], registry: Registry) -> tuple[Build, ...]:
    found = tuple(registry.get(name) for name in dict.fromkeys(names))
    host = emulated_by("", os.uname().machine)
    found = found or tuple(each for each in registry.list() if each.architecture == host)
    if not found:
        raise UsageError(
            "no build is registered on this host",
            "register the QEMU that runs guests here: qcompat builds add",
        )
    return found
