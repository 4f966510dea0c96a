"""`qcompat cpu lines`: for each host the `-cpu host,…` that makes all guests' CPUs the same."""

from __future__ import annotations

import click

from qcompat.cli.cpu.given import pool_of, pool_options, refuse_untried
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.hosts.cpu.features.masks import FeatureMasks


@click.command()
@click.argument("hosts", nargs=-1, required=True, metavar="HOST…")
@pool_options
@shown_as("cpu lines", verbose="Show everything.")
def lines(hosts: tuple[str, ...], accel: str | None, build: str | None, shown: Shown) -> None:
    """Print a `-cpu host,…` for each host that makes guest CPUs equal.

    For guests that must run with `-cpu host`. A named model (`qcompat cpu baseline`) is safer:
    it does not change with the next kernel, microcode or QEMU.
    """
    from qcompat.hosts.cpu.lines import lines as find

    masks = FeatureMasks()
    found = find(masks, pool_of(hosts, masks, accel, build))
    refuse_untried((line.build, line.cpu) for line in found.lines)
    shown.show(found)
