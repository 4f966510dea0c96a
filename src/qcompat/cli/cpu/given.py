"""The hosts that a command is given: captures in files, or builds registered here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from qcompat.builds.registry import Registry
from qcompat.errors import UsageError
from qcompat.hosts.capture import HostCapture
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.offer import CpuOffer, offers_of
from qcompat.local.home import data_home

accel_option = click.option(
    "--accel",
    metavar="NAME",
    help="What runs the guests: kvm or tcg. Usually KVM where the captures have it.",
)
_build_option = click.option(
    "--build", metavar="NAME", help="Only this build of each host. Usually all of them."
)


def pool_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that choose among what captures hold."""
    return accel_option(_build_option(command))


def host_of(given: str) -> HostCapture:
    """The host of a file, or of a build here, which is asked now."""
    path = Path(given)
    registry = Registry(data_home())
    if not path.exists() and given in registry.names():
        from qcompat.cli.host.capture import take_capture

        return take_capture((registry.get(given),), "auto", name=given)
    from qcompat.hosts.read.recognise import read_host

    return read_host(path)


def hosts_of(given: Sequence[str]) -> tuple[HostCapture, ...]:
    """Several hosts, each of another name. Errors: UsageError where two cannot be told apart."""
    found = tuple(host_of(each) for each in given)
    names = [host.name for host in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(
            f"two captures are of a host named {twice[0]}",
            "give each host once, or name it when it is captured: --name",
        )
    return found


def pool_of(
    given: Sequence[str], masks: FeatureMasks, accel: str | None, build: str | None
) -> tuple[CpuOffer, ...]:
    """What all hosts offer, made ready to be compared."""
    return offers_of(hosts_of(given), masks, accelerator=accel, build=build)
