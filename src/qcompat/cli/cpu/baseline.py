"""`qcompat cpu baseline`: one CPU definition that every host runs."""

from __future__ import annotations

from collections.abc import Sequence

import click

from qcompat.cli.cpu.given import pool_of, pool_options, refuse_untried
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.errors import UsageError
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.offer import CpuOffer


@click.command()
@click.argument("hosts", nargs=-1, required=True, metavar="HOST…")
@click.option("--machine", default="", metavar="TYPE", help="The guests' machine type.")
@click.option(
    "--unmigratable",
    is_flag=True,
    help="Keep features with which QEMU migrates no guest (invtsc).",
)
@pool_options
@shown_as("cpu baseline", verbose="Show everything.")
def baseline(
    hosts: tuple[str, ...],
    machine: str,
    unmigratable: bool,
    accel: str | None,
    build: str | None,
    shown: Shown,
) -> None:
    """Find one CPU definition that every HOST can run.

    It is the named, versioned model that gives up the fewest features, plus the features that
    all hosts have beyond it and minus those that some lack. `enforce` makes a start fail rather
    than lose a feature silently. Features with which QEMU migrates no guest are left out. With
    three hosts or more the answer also names the hosts without which a better CPU is possible.
    """
    from qcompat.hosts.cpu.baseline import baseline as find
    from qcompat.hosts.cpu.offer import with_unmigratable
    from qcompat.report.cpu.answers import CpuBaseline

    masks = FeatureMasks()
    offers = pool_of(hosts, masks, accel, build)
    if machine:
        _check_machine(offers, machine)
    if unmigratable:
        offers = tuple(with_unmigratable(masks, offer) for offer in offers)
    found = find(masks, offers)
    refuse_untried((o.capture.build, line) for o, line in zip(offers, found.lines, strict=True))
    shown.show(CpuBaseline(masks, offers, found, machine))


def _check_machine(offers: Sequence[CpuOffer], machine: str) -> None:
    """Errors: UsageError where a build that reports its machine types lacks this one."""
    lacking = [
        offer.name
        for offer in offers
        if len(offer.capture.machines) > 1 and machine not in offer.capture.machines
    ]
    if lacking:
        raise UsageError(
            f"there is no machine type {machine} on {', '.join(lacking[:5])}",
            "a guest with it cannot go there: name one that all builds have "
            "(qcompat machine list BUILD), or leave the hosts out",
        )
