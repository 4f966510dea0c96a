"""`qcompat host lines`: the device properties with which all hosts of a pool offer the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from qcompat.cli.host.agreed import driven
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.process.event_loop import run_waiting
from qcompat.errors import UsageError
from qcompat.hosts.devices.agreed import HostAnswer, host_answers
from qcompat.hosts.devices.asked import AskedDevice, parse_device
from qcompat.hosts.devices.lines import DeviceLines, device_lines
from qcompat.hosts.devices.members import Member, able, machine_for, members_of
from qcompat.portrait.portraits import Portraits


@click.command()
@click.argument(
    "hosts", nargs=-1, required=True, metavar="HOST.json…", type=click.Path(path_type=Path)
)
@click.option("--device", required=True, metavar="TYPE[,PROP=VALUE…]", help="As after -device.")
@click.option(
    "--machine", default="", metavar="TYPE", help="By default the guest's, or the newest."
)
@click.option(
    "--build", "builds", multiple=True, metavar="NAME", help="Only this build; repeatable."
)
@click.option("--bridge", default="", metavar="NAME", help="The bridge that taps are attached to.")
@click.option("--no-vhost", is_flag=True, help="The guest's taps do not use vhost-net.")
@click.option(
    "--guest",
    metavar="WORD|FILE|SOCKET",
    help="What the guest's driver agreed on: a feature word, a portrait, a saved stream, or the "
    "QMP socket of the running guest.",
)
@click.option("--from", "build", default="", metavar="NAME", help="Build that runs the guest.")
@shown_as("host lines")
@click.option("--alias", default="net0", metavar="NAME", help="The device's alias in the XML.")
@click.pass_context
def lines(
    ctx: click.Context,
    hosts: tuple[Path, ...],
    device: str,
    machine: str,
    builds: tuple[str, ...],
    bridge: str,
    no_vhost: bool,
    guest: str | None,
    build: str,
    shown: Shown,
    alias: str,
) -> None:
    """Print device properties that make all hosts offer the same.

    HOST.json are captures (`qcompat host capture`). Only the properties that are needed are
    printed: a feature that some host's kernel or build does not offer is switched off on the
    others.

    \b
    Exit codes:
      0  with these lines all hosts offer the same
      1  the running guest of --guest cannot go to some of the hosts
      3  it is not known whether all hosts offer some feature
    """
    from qcompat.report.hosts.answers import HostLines

    asked = parse_device(device)
    given = driven(guest, asked, build) if guest else None
    machine = machine or (given.machine if given else "")
    members = _members(hosts, asked, builds, machine)
    chosen = machine_for(members, machine)
    vhost = not no_vhost
    found = device_lines(members, asked, chosen, vhost=vhost, bridge=bridge)
    _refuse_untried(found)
    fates = host_answers(members, asked, chosen, given.agreed, vhost=vhost) if given else ()
    shown.show(HostLines(found, fates, asked, alias))
    ctx.exit(_exit_code(found, fates))


def _members(
    hosts: Sequence[Path], asked: AskedDevice, builds: Sequence[str], machine: str
) -> tuple[Member, ...]:
    """Builds without the machine type that is asked for cannot run the guest, and do not count."""
    from qcompat.hosts.read.recognise import read_host

    found = members_of([read_host(path) for path in hosts], asked, builds)
    return able(found, machine) if machine else found


def _refuse_untried(found: DeviceLines) -> None:
    """Errors: UsageError where a build of this machine does not start the device so."""
    from qcompat.app.tried_lines import refused_lines

    refused = run_waiting(refused_lines(Portraits.here(), found.machine, found.lines))
    if refused:
        raise UsageError(
            "; ".join(f"{each.build} refuses {each.device}: {each.message}" for each in refused),
            "leave out the property, or the build (--build names those that count)",
        )


def _exit_code(found: DeviceLines, fates: Sequence[HostAnswer]) -> int:
    if any(each.answer == "blocked" for each in fates):
        return 1
    return 3 if found.undecided or any(each.answer == "unknown" for each in fates) else 0
