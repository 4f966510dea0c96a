"""`qcompat host compare`: what each of two hosts has and the other lacks."""

from __future__ import annotations

import click

from qcompat.app.hosts import host_of
from qcompat.cli.cpu.given import accel_option
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.process.event_loop import run
from qcompat.portrait.portraits import Portraits


@click.command()
@click.argument("source", metavar="HOST")
@click.argument("target", metavar="HOST")
@accel_option
@shown_as("host compare", verbose="Show everything.")
@click.pass_context
def compare(
    ctx: click.Context,
    source: str,
    target: str,
    accel: str | None,
    shown: Shown,
) -> None:
    """Compare two hosts: kernel, CPU features and CPU models.

    HOST is a capture (`qcompat host capture`), a file of QMP replies, the XML of `virsh
    domcapabilities`, or a build registered on this machine. Two captures of one host show what
    an update of its kernel, microcode or QEMU changed.

    \b
    Exit codes:
      0  both give guests the same
      1  they differ
    """
    from qcompat.hosts.compare import compare_hosts

    portraits = Portraits.here()
    one = run(lambda: host_of(source, portraits))
    other = run(lambda: host_of(target, portraits))
    found = compare_hosts(one, other, accelerator=accel)
    shown.show(found)
    ctx.exit(0 if all(each.is_equal for each in found.offers) else 1)
