"""The hosts that a command is given: captures in files, or builds registered here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

from qcompat.app.hosts import CpuChoice, offers
from qcompat.cli.process.event_loop import run, run_waiting
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.offer import CpuOffer
from qcompat.portrait.portraits import Portraits

accel_option = click.option(
    "--accel",
    metavar="NAME",
    help="What runs the guests: kvm or tcg. By default KVM if the captures have it.",
)
_build_option = click.option(
    "--build", metavar="NAME", help="Only this build of each host. By default all."
)


def pool_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that choose among what captures hold."""
    return accel_option(_build_option(command))


def pool_of(
    given: Sequence[str], masks: FeatureMasks, accel: str | None, build: str | None
) -> tuple[CpuOffer, ...]:
    """What all hosts offer, made ready to be compared."""
    return run(lambda: offers(given, masks, CpuChoice(accel, build), Portraits.here()))


def refuse_untried(lines: Iterable[tuple[str, str]]) -> None:
    """Have builds of this machine read the `-cpu` lines that are printed for them."""
    from qcompat.app.tried_lines import refuse_unknown_cpus

    run_waiting(refuse_unknown_cpus(Portraits.here().registry, lines))
